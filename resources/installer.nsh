; Windows: what belongs to the person stays, unless they say otherwise. An update asks nothing and removes nothing.
!macro customUnInstall
  ${ifNot} ${isUpdated}
    MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 \
      "Also remove your settings and the list of your transfers? Files that you received stay in any case." \
      /SD IDNO IDNO keepData
    SetShellVarContext current
    RMDir /r "$APPDATA\Plumb"
    RMDir /r "$LOCALAPPDATA\plumb-updater"
    keepData:
  ${endIf}
!macroend
