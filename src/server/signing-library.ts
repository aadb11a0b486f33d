/** On its own, so that it is loaded by nothing but the child process that signs, bundled or not. */
export { generate } from 'selfsigned';
