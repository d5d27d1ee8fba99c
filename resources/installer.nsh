; Windows: what belongs to the person stays, unless they say otherwise. An update asks nothing and removes nothing.
!macro customUnInstall
  ${ifNot} ${isUpdated}
    ; What Plumb noted of itself while it ran. Links that another program has by now stay with it.
    DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "${APP_ID}"
    ReadRegStr $R0 HKCU "Software\Classes\xmpp\shell\open\command" ""
    StrCpy $R1 '"$INSTDIR\'
    StrLen $R2 $R1
    StrCpy $R0 $R0 $R2
    ${if} $R0 == $R1
      DeleteRegKey HKCU "Software\Classes\xmpp"
    ${endIf}

    MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 \
      "Also remove your settings and the list of your transfers? Files that you received stay in any case." \
      /SD IDNO IDNO keepData
    SetShellVarContext current
    RMDir /r "$APPDATA\Plumb"
    RMDir /r "$LOCALAPPDATA\plumb-updater"
    ; By it the rest of the uninstaller finds its own entries.
    ${if} $installMode == "all"
      SetShellVarContext all
    ${endIf}
    keepData:
  ${endIf}
!macroend
