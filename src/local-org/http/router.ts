import type { ApiRequest } from './api-request.ts'
import { notFound, Refusal } from './refusal.ts'
import type { Reply } from './reply.ts'

/** One resource and method of the local org. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Segments; one that begins with `:` matches anything and is given to the handler under its name. */
  readonly path: string
  /** First API version that has it. Default: every version. */
  readonly since?: number
  /**
   * Whether it needs a session, which is also whether it counts against the daily calls. `body`: the handler finds the
   * session and counts. Default: true.
   */
  readonly session?: boolean | 'body'
  handle(request: ApiRequest): Reply | Promise<Reply>
}

export interface RouteMatch {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
  readonly version: number
}

/** The versions that the local org serves: the oldest that still lives and the newest known here. */
export const servedVersions = { oldest: 31, newest: 66 } as const

/**
 * Finds the route of a path. Throws a refusal: 404 for a path or version that does not exist, 410 for a retired
 * version, 405 for a method that the path does not have.
 */
export function findRoute(routes: readonly CompiledRoute[], method: string, path: string): RouteMatch {
  const segments = splitPath(path)
  const version = readVersion(segments)
  const allowed: string[] = []
  for (const { route, segments: pattern } of routes) {
    const params = matchSegments(pattern, segments)
    if (params === undefined || version < (route.since ?? 0)) continue
    if (route.method === method) return { route, params, version }
    allowed.push(route.method)
  }
  if (allowed.length === 0) throw notFound()
  const message = `HTTP Method '${method}' not allowed. Allowed are ${[...new Set(allowed)].sort().join(',')}`
  throw new Refusal(405, 'METHOD_NOT_ALLOWED', message)
}

export interface CompiledRoute {
  readonly route: Route
  readonly segments: readonly string[]
}

export function compileRoutes(routes: readonly Route[]): readonly CompiledRoute[] {
  return routes.map((route) => ({ route, segments: splitPath(route.path) }))
}

/** A trailing slash makes no difference. */
function splitPath(path: string): readonly string[] {
  return path.split('/').filter((segment, index, all) => segment !== '' || (index > 0 && index < all.length - 1))
}

function readVersion(segments: readonly string[]): number {
  const match = segments[0] === 'services' && segments[1] === 'data' ? /^v(\d+)\.0$/.exec(segments[2] ?? '') : null
  if (match === null) return 0
  const version = Number(match[1])
  if (version < servedVersions.oldest) throw new Refusal(410, 'GONE', 'The requested API version is retired')
  if (version > servedVersions.newest) throw notFound()
  return version
}

/** Names of resources are compared in any case: both `unprocessedrecords` and `unprocessedRecords` are in use. */
function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== segments.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? ''
    if (part === 'v:version') {
      if (!/^v\d+\.0$/.test(segment)) return undefined
    } else if (part.startsWith(':')) {
      const value = decodeSegment(segment)
      if (value === undefined) return undefined
      params[part.slice(1)] = value
    } else if (part.toLowerCase() !== segment.toLowerCase()) {
      return undefined
    }
  }
  return params
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
