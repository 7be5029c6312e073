Attribute VB_Name = "QbsCommands"
Option Explicit

' The ribbon, and the help texts of the functions. All texts stand on the sheet xl_qbs.conf, in both languages.

Private Const SHEET_NAME As String = "xl_qbs.conf"
Private Const COMMANDS As String = "xl_qbs.addin.excel.commands"
' Columns of the sheet: what a row is, of what, in which language, and its texts.
Private Const KIND_COLUMN As Long = 4
Private Const KEY_COLUMN As Long = 5
Private Const LANGUAGE_COLUMN As Long = 6
Private Const TEXT_COLUMN As Long = 7

Public Sub QbsScore(control As IRibbonControl)
    Dim copied As String, result As Variant
    copied = CopyOfWorkbook()
    If copied = "" Then Exit Sub
    result = RunCommand("score_workbook", Array(copied, ActiveWorkbook.FullName, Language()))
    If IsEmpty(result) Then Exit Sub
    If result(0) = "done" Then
        Application.Workbooks.Open result(2)
    Else
        MsgBox result(1), vbExclamation, "xl_qbs"
    End If
End Sub

Public Sub QbsCheck(control As IRibbonControl)
    Dim copied As String
    copied = CopyOfWorkbook()
    If copied <> "" Then ShowTable RunCommand("check_workbook", Array(copied, Language()))
End Sub

Public Sub QbsAudit(control As IRibbonControl)
    Dim copied As String
    copied = CopyOfWorkbook()
    If copied <> "" Then ShowTable RunCommand("audit_workbook", Array(copied, ActiveWorkbook.FullName, Language()))
End Sub

' A table in a workbook of its own; nothing where there is none.
Private Sub ShowTable(result As Variant)
    Dim book As Workbook
    If IsEmpty(result) Then Exit Sub
    Set book = Application.Workbooks.Add(xlWBATWorksheet)
    With book.Worksheets(1).Range("A1").Resize(UBound(result, 1) + 1, UBound(result, 2) + 1)
        ' As text, so that nothing that stands in the data is taken for a formula.
        .NumberFormat = "@"
        .Value = result
        .Rows(1).Font.Bold = True
        .Columns.ColumnWidth = 40
        .WrapText = True
        .VerticalAlignment = xlTop
    End With
    book.Saved = True
End Sub

Public Sub QbsHelp(control As IRibbonControl)
    Dim source As Worksheet, target As Worksheet, row As Long, column As Long, nextRow As Long
    Set source = ThisWorkbook.Worksheets(SHEET_NAME)
    Set target = Application.Workbooks.Add(xlWBATWorksheet).Worksheets(1)
    target.Cells.NumberFormat = "@"
    nextRow = 1
    For row = 1 To LastRow(source)
        If IsRow(source, row, "help") Or IsRow(source, row, "function") Then
            For column = TEXT_COLUMN To LastColumn(source, row)
                target.Cells(nextRow, column - TEXT_COLUMN + 2).Value = source.Cells(row, column).Value
            Next column
            If source.Cells(row, KIND_COLUMN).Value = "function" Then target.Cells(nextRow, 1).Value = source.Cells(row, KEY_COLUMN).Value
            nextRow = nextRow + 1
        End If
    Next row
    target.Columns(1).ColumnWidth = 28
    target.Columns(2).ColumnWidth = 20
    target.Range("C:L").ColumnWidth = 50
    target.Cells.WrapText = True
    target.Cells.VerticalAlignment = xlTop
    target.Rows(1).Font.Bold = True
    target.Parent.Saved = True
End Sub

Public Sub QbsAbout(control As IRibbonControl)
    Dim result As Variant
    result = RunCommand("about", Array(Language()))
    If Not IsEmpty(result) Then MsgBox result, vbInformation, "xl_qbs"
End Sub

Public Sub QbsLabel(control As IRibbonControl, ByRef text As Variant)
    text = SheetText("ribbon", control.ID, 0)
End Sub

Public Sub QbsScreentip(control As IRibbonControl, ByRef text As Variant)
    text = SheetText("ribbon", control.ID, 0)
End Sub

Public Sub QbsSupertip(control As IRibbonControl, ByRef text As Variant)
    text = SheetText("ribbon", control.ID, 1)
End Sub

' Category and help of every function, for Excel's function box.
Public Sub QbsRegister()
    Dim source As Worksheet, row As Long, refused As Boolean
    On Error Resume Next
    Set source = ThisWorkbook.Worksheets(SHEET_NAME)
    For row = 1 To LastRow(source)
        If IsRow(source, row, "function") Then
            Err.Clear
            RegisterFunction source, row
            If Err.Number <> 0 Then refused = True
        End If
    Next row
    If refused And ThisWorkbook.IsAddin Then
        ' Some versions of Excel take help for workbooks in sight only.
        Application.ScreenUpdating = False
        ThisWorkbook.IsAddin = False
        For row = 1 To LastRow(source)
            If IsRow(source, row, "function") Then RegisterFunction source, row
        Next row
        ThisWorkbook.IsAddin = True
        Application.ScreenUpdating = True
    End If
    ThisWorkbook.Saved = True
End Sub

Private Sub RegisterFunction(source As Worksheet, row As Long)
    Dim helps() As String, column As Long, last As Long, macro As String
    macro = "'" & ThisWorkbook.Name & "'!" & source.Cells(row, KEY_COLUMN).Value
    last = LastColumn(source, row)
    ' Category, syntax and description, then a column for each argument.
    If last < TEXT_COLUMN + 3 Then
        Application.MacroOptions macro:=macro, Description:=source.Cells(row, TEXT_COLUMN + 2).Value, Category:=source.Cells(row, TEXT_COLUMN).Value
        Exit Sub
    End If
    ReDim helps(1 To last - TEXT_COLUMN - 2)
    For column = TEXT_COLUMN + 3 To last
        helps(column - TEXT_COLUMN - 2) = source.Cells(row, column).Value
    Next column
    Application.MacroOptions macro:=macro, Description:=source.Cells(row, TEXT_COLUMN + 2).Value, Category:=source.Cells(row, TEXT_COLUMN).Value, ArgumentDescriptions:=helps
End Sub

' What a command gives; Empty, after a message, where Python was not reached.
Private Function RunCommand(name As String, arguments As Variant) As Variant
    Dim answer As Variant
    Application.StatusBar = SheetText("message", "working", 0)
    Python.TryAgain
    answer = Python.Answer(COMMANDS, name, arguments)
    Application.StatusBar = False
    If IsError(answer) Then
        MsgBox SheetText("message", "unreachable", 0) & vbCrLf & vbCrLf & Python.Problem, vbExclamation, "xl_qbs"
        answer = Empty
    End If
    RunCommand = answer
End Function

' The active workbook as it stands, saved into a new folder under its own name; the workbook is left as it is.
Private Function CopyOfWorkbook() As String
    Dim folder As String, name As String
    If ActiveWorkbook Is Nothing Then
        MsgBox SheetText("message", "no workbook", 0), vbExclamation, "xl_qbs"
        Exit Function
    End If
    On Error GoTo failed
    name = ActiveWorkbook.Name
    If InStr(name, ".") = 0 Then name = name & ".xlsx"
    folder = Environ$("TEMP") & "\xl_qbs-" & Format$(Now, "yyyymmddhhnnss") & "-" & Format$(Int(Rnd * 1000000), "000000")
    MkDir folder
    ActiveWorkbook.SaveCopyAs folder & "\" & name
    CopyOfWorkbook = folder & "\" & name
    Exit Function
failed:
    MsgBox SheetText("message", "not copied", 0) & vbCrLf & vbCrLf & Err.Description, vbExclamation, "xl_qbs"
End Function

Private Function Language() As String
    Language = "en"
    ' Office's own number for Estonian, asked of its language of menus (2).
    On Error Resume Next
    If Application.LanguageSettings.LanguageID(2) = 1061 Then Language = "et"
End Function

Private Function SheetText(kind As String, key As String, index As Long) As String
    Dim source As Worksheet, row As Long
    Set source = ThisWorkbook.Worksheets(SHEET_NAME)
    For row = 1 To LastRow(source)
        If source.Cells(row, KEY_COLUMN).Value = key Then
            If IsRow(source, row, kind) Then
                SheetText = source.Cells(row, TEXT_COLUMN + index).Value
                Exit Function
            End If
        End If
    Next row
End Function

Private Function IsRow(source As Worksheet, row As Long, kind As String) As Boolean
    IsRow = source.Cells(row, KIND_COLUMN).Value = kind And source.Cells(row, LANGUAGE_COLUMN).Value = Language()
End Function

Private Function LastRow(source As Worksheet) As Long
    LastRow = source.Cells(source.Rows.Count, KIND_COLUMN).End(xlUp).Row
End Function

Private Function LastColumn(source As Worksheet, row As Long) As Long
    LastColumn = source.Cells(row, source.Columns.Count).End(xlToLeft).Column
End Function
