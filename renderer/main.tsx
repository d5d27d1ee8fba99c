import { CSPProvider } from '@base-ui/react/csp-provider'
import { Tooltip } from '@base-ui/react/tooltip'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './tokens.css'
import './base.css'
import { App } from './app.tsx'
import { refuseDropsOutside } from './screens/file-drop.ts'
import { connect } from './state/store.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('bug: there is no #root')
createRoot(root).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <Tooltip.Provider delay={500}>
        <App />
      </Tooltip.Provider>
    </CSPProvider>
  </StrictMode>,
)
refuseDropsOutside()
void connect(window.plumb)
