import * as modules from './modules.ts'

/* In the place of the module `electron`, over one Chromium. */

export * from './modules.ts'

/** What is not there says so, instead of being undefined. */
const strict = new Proxy(
  { ...modules },
  {
    get(target, name, receiver) {
      const harmless = typeof name === 'symbol' || ['then', 'toJSON', 'default', '__esModule'].includes(name)
      if (harmless || name in target) return Reflect.get(target, name, receiver)
      throw new Error(`test host: electron.${name} is not there`)
    },
  },
)

export { strict as default, strict as 'module.exports' }
