/** English: the document of what is in force. */

export const documentation = {
  text: () => 'What is in force now, as a document: print it, or take it along.',
  ofRoles: () => 'What the roles that you have let you do, as it is in force now.',
  failed: () => 'The document could not be made',
  print: () => 'Print',
  markdown: () => 'As Markdown',
  page: () => 'As a page (HTML)',
  inEnglish: () => 'The document is in English.',
  differs: (count: number, at: string) => `When the store was last read back, ${at}, ${count === 1 ? 'one thing was' : `${count} things were`} not as described here:`,
  wasSo: (at: string) => `The store was last read back ${at}, and was as described here then.`,
  savedSince: () => 'Permissions were saved after that: whether the store holds them is not known.',
  unread: (at: string) => `When it was tried last, ${at}, the store could not be read back.`,
  notRead: () => 'The store was not read back yet: whether it really is so is not known.',
}
