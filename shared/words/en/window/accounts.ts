export const accountsWords = {
  'not-loaded.title': 'This window could not be filled',
  'not-loaded.again': 'Try again',
  'sign-in-form.title': 'Sign in to Plumb',
  'sign-in-form.promise': 'Files go straight from one computer to the other.',
  'create-account.title': 'Create an account',
} as const
