import { booleanTransform } from './booleans.ts'
import { dateTransforms } from './dates.ts'
import { hashTransform } from './hash.ts'
import { numberTransform } from './numbers.ts'
import { replaceTransform } from './replace.ts'
import { textTransforms } from './text.ts'
import type { TransformDeclaration } from './transform.ts'
import { valuesTransform } from './values.ts'

/** Every transform that a mapping file may name. There is no other way to compute in one: it holds no code. */
export const transforms: readonly TransformDeclaration[] = [
  ...textTransforms,
  replaceTransform,
  valuesTransform,
  numberTransform,
  ...dateTransforms,
  booleanTransform,
  hashTransform,
]
