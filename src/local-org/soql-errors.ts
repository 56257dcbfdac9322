import { EngineError } from './engine.ts'

/** The text of a query, to show where in it something is wrong. */
export class SoqlText {
  readonly soql: string

  constructor(soql: string) {
    this.soql = soql
  }

  /**
   * An error in Salesforce's form: the line, a caret under the place where `token` first stands, row and column, message.
   * The parser keeps no places, so that a word which stands in the query twice is shown where it comes first.
   */
  error(code: string, token: string, message: string): EngineError {
    const at = this.find(token)
    if (at < 0) return new EngineError(code, message)
    const before = this.soql.slice(0, at).split('\n')
    const column = before.at(-1)?.length ?? 0
    const line = this.soql.split('\n')[before.length - 1] ?? ''
    const place = `ERROR at Row:${before.length}:Column:${column + 1}`
    return new EngineError(code, `\n${line}\n${' '.repeat(column)}^\n${place}\n${message}`)
  }

  unknownField(name: string, entity: string): EngineError {
    const message = `No such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`
    return this.error('INVALID_FIELD', name, message)
  }

  unknownRelationship(name: string): EngineError {
    const message = `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`
    return this.error('INVALID_FIELD', name, message)
  }

  unknownChildren(name: string): EngineError {
    const message = `Didn't understand relationship '${name}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`
    return this.error('INVALID_TYPE', name, message)
  }

  unknownObject(name: string): EngineError {
    const message = `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`
    return this.error('INVALID_TYPE', name, message)
  }

  /** Where the word stands by itself; where it stands at all. */
  find(token: string): number {
    const escaped = token.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    const at = this.soql.search(new RegExp(`(?<![\\w.])${escaped}(?![\\w.])`, 'i'))
    return at >= 0 ? at : this.soql.toLowerCase().indexOf(token.toLowerCase())
  }
}
