import account from './objects/account.json' with { type: 'json' }
import attachment from './objects/attachment.json' with { type: 'json' }
import caseObject from './objects/case.json' with { type: 'json' }
import contact from './objects/contact.json' with { type: 'json' }
import contentDocument from './objects/content-document.json' with { type: 'json' }
import contentDocumentLink from './objects/content-document-link.json' with { type: 'json' }
import contentVersion from './objects/content-version.json' with { type: 'json' }
import group from './objects/group.json' with { type: 'json' }
import invoice from './objects/invoice.json' with { type: 'json' }
import lead from './objects/lead.json' with { type: 'json' }
import opportunity from './objects/opportunity.json' with { type: 'json' }
import organization from './objects/organization.json' with { type: 'json' }
import profile from './objects/profile.json' with { type: 'json' }
import recordType from './objects/record-type.json' with { type: 'json' }
import task from './objects/task.json' with { type: 'json' }
import user from './objects/user.json' with { type: 'json' }

/** Describe answers of the objects that every local org has. */
export const builtInObjects = [
  account,
  attachment,
  caseObject,
  contact,
  contentDocumentLink,
  contentDocument,
  contentVersion,
  group,
  invoice,
  lead,
  opportunity,
  organization,
  profile,
  recordType,
  task,
  user,
] as const
