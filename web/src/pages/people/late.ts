/**
 * The one way from the first page to everything that belongs to accounts: what it takes to load each of those pages is
 * known here, and not on a page that guests see.
 */
export { default as AtHome } from './AtHome.svelte'
export { default as PeoplePages } from './PeoplePages.svelte'
