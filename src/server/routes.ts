/**
 * Which request is answered by whom. Express routes whatever is asked; a POST to the two paths that the API server calls all
 * day goes past it, since its routing would cost as much as the review.
 */
import type { IncomingMessage, RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Route } from './admission-handler.ts';
import { refuse } from './reply.ts';
import { fail, reviewRoute, type ReviewOptions } from './review-route.ts';

export type RouteOptions = Omit<ReviewOptions, 'budget'>;

export const routes: readonly Route[] = ['mutate', 'validate'];

export function createRoutes(routeOptions: RouteOptions): RequestListener {
  const options = { ...routeOptions, budget: { held: 0 } };
  const reviews = new Map(routes.map((route) => [`/${route}`, reviewRoute(route, options)]));
  const others = createApp(reviews, options);
  return (request, response) => {
    const direct = request.method === 'POST' ? reviews.get(pathOf(request)) : undefined;
    if (direct === undefined) others(request, response);
    else direct(request, response);
  };
}

const pathOf = ({ url = '' }: IncomingMessage): string => {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
};

function createApp(reviews: ReadonlyMap<string, RequestListener>, options: ReviewOptions): Express {
  const { drain } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.disable('query parser');
  for (const [path, review] of reviews) {
    const paths = [path, `${path}/:plural`];
    app.post(paths, (request, response) => review(request, response));
    app.all(paths, (request, response) => {
      response.set('allow', 'POST');
      refuse(response, 405, `${request.method} is not served here: POST an AdmissionReview`, drain);
    });
  }
  app.use((request, response) => refuse(response, 404, `there is nothing at ${request.path.slice(0, 100)}`, drain));
  app.use(broken(options));
  return app;
}

/** Not Express's own page: no HTML, no stack. */
const broken =
  (options: ReviewOptions): ErrorRequestHandler =>
  (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
    if (status >= 400 && status < 500) refuse(response, status, 'the request is malformed', options.drain);
    else fail(error, response, options);
  };
