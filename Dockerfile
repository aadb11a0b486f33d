# syntax=docker/dockerfile:1
# The same files as `npm run image`, for those who have a container engine: docker build -t database-operator:v0.1.0 .
FROM node:26-bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends binutils
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run image -- --root /image

FROM scratch
LABEL org.opencontainers.image.title="database-operator" \
      org.opencontainers.image.description="Admission webhook and reconcile loop for databases on Kubernetes" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      database.example.com/sbom="/usr/share/sbom/database-operator.cdx.json"
COPY --from=build /image /
ENV PATH=/usr/local/bin \
    NODE_ENV=production \
    MALLOC_ARENA_MAX=1
USER 65532:65532
WORKDIR /
EXPOSE 9443 8443
ENTRYPOINT ["/usr/local/bin/node", "/app/dist/main.js"]
CMD ["serve"]
