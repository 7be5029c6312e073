Option Explicit

Private Sub Workbook_Open()
    ' Help texts are registered once Excel has come to rest: while it starts, it refuses them.
    On Error Resume Next
    Application.OnTime Now, "'" & ThisWorkbook.Name & "'!QbsRegister"
End Sub
