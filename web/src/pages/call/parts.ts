/** The call and the page after it: what the page before joining can do without until somebody joins. */
export { default as After } from './After.svelte'
export { default as CallPage } from './CallPage.svelte'
