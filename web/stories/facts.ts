import { facts } from '../src/proof/facts.stage.json'

/** As the server asks for them, of an installation about which little was said yet. */
export const FACTS = facts
