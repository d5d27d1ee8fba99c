/** The one channel from the main process to the window. Apart from the events, so that the preload stays small. */
export const EVENT_CHANNEL = 'plumb-event'
