import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { Bridge } from '../shared/ipc/bridge.ts'
import type { Answer, CallArguments, CallName, CallResult } from '../shared/ipc/calls.ts'
import { EVENT_CHANNEL } from '../shared/ipc/channels.ts'
import type { NumberedEvent } from '../shared/ipc/events.ts'
import { MAX_FILES_AT_ONCE } from '../shared/model/limits.ts'

function caller<N extends CallName>(name: N): (...args: CallArguments<N>) => Promise<Answer<CallResult<N>>> {
  return (...args) => ipcRenderer.invoke(name, ...args)
}

const sendDropped = caller('sendDropped')

/** One function a call: the window can ask for these and for nothing else. */
const bridge: Bridge = {
  load: caller('load'),
  signIn: caller('signIn'),
  cancelSignIn: caller('cancelSignIn'),
  signOut: caller('signOut'),
  removeAccount: caller('removeAccount'),
  openRegistration: caller('openRegistration'),
  renewRegistration: caller('renewRegistration'),
  submitRegistration: caller('submitRegistration'),
  closeRegistration: caller('closeRegistration'),
  changePassword: caller('changePassword'),
  deleteAccount: caller('deleteAccount'),
  answerAccountForm: caller('answerAccountForm'),
  addPerson: caller('addPerson'),
  renamePerson: caller('renamePerson'),
  regroupPerson: caller('regroupPerson'),
  removePerson: caller('removePerson'),
  answerRequest: caller('answerRequest'),
  blockPerson: caller('blockPerson'),
  unblock: caller('unblock'),
  pictureDrawn: caller('pictureDrawn'),
  chooseOwnPicture: caller('chooseOwnPicture'),
  publishOwnPicture: caller('publishOwnPicture'),
  changeOwnName: caller('changeOwnName'),
  changeStatus: caller('changeStatus'),
  changePolicy: caller('changePolicy'),
  viewConversation: caller('viewConversation'),
  readConversation: caller('readConversation'),
  sendMessage: caller('sendMessage'),
  resendMessage: caller('resendMessage'),
  correctMessage: caller('correctMessage'),
  tellTyping: caller('tellTyping'),
  search: caller('search'),
  exportPerson: caller('exportPerson'),
  exportAccount: caller('exportAccount'),
  deleteConversation: caller('deleteConversation'),
  chooseFiles: caller('chooseFiles'),
  chooseFolder: caller('chooseFolder'),
  // Only a real file, or folder, has a path, and only here is it asked for: the page never names one.
  sendDropped: (person, files) =>
    sendDropped(
      person,
      [...files].slice(0, MAX_FILES_AT_ONCE + 1).map(file => webUtils.getPathForFile(file)),
    ),
  isOnDisk: file => webUtils.getPathForFile(file) !== '',
  sendPicture: caller('sendPicture'),
  confirmSending: caller('confirmSending'),
  dropSending: caller('dropSending'),
  acceptOffer: caller('acceptOffer'),
  acceptOfferAs: caller('acceptOfferAs'),
  declineOffer: caller('declineOffer'),
  cancelTransfer: caller('cancelTransfer'),
  retryTransfer: caller('retryTransfer'),
  pauseTransfer: caller('pauseTransfer'),
  resumeTransfer: caller('resumeTransfer'),
  openTransfer: caller('openTransfer'),
  showTransfer: caller('showTransfer'),
  forgetTransfer: caller('forgetTransfer'),
  clearFinished: caller('clearFinished'),
  changeSettings: caller('changeSettings'),
  chooseDownloadFolder: caller('chooseDownloadFolder'),
  checkReach: caller('checkReach'),
  checkForUpdate: caller('checkForUpdate'),
  restartToUpdate: caller('restartToUpdate'),
  dismissNotice: caller('dismissNotice'),
  openLink: caller('openLink'),
  followLink: caller('followLink'),
  onEvent: listener => {
    const onMessage = (_: unknown, event: NumberedEvent): void => listener(event)
    ipcRenderer.on(EVENT_CHANNEL, onMessage)
    return () => void ipcRenderer.off(EVENT_CHANNEL, onMessage)
  },
}

contextBridge.exposeInMainWorld('plumb', bridge)
