"""Charts of the sheet model as chart and drawing parts.

Written as text rather than through a library: the classes that could write it take half a second to
import, which is a fifth of a whole scoring run, and leave out alternative text.
"""

from __future__ import annotations

from collections.abc import Sequence

from xl_qbs.sheets.address import split_cell
from xl_qbs.sheets.model import Chart, Series
from xl_qbs.workbook.xml import DOCUMENT_RELATIONSHIPS, escape, escape_attribute

_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_PLACE = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EMU = 360000  # English Metric Units to a centimetre
_INK, _LINE, _GRID = "404040", "BFBFBF", "E7E6E6"
# Identifiers of a chart's axes: categories or x, values, and the hidden and shown ones on the right.
_X, _Y, _X2, _Y2 = 10, 20, 30, 40


def chart_part(chart: Chart) -> bytes:
    """Return the part of one chart."""
    small = chart.size[0] < 10
    size = 1000 if small else 1200
    text = _linked(chart.title_at, chart.title, size) if chart.title_at else _rich(chart.title, size, bold=True)
    title = f"<c:title>{text}</c:title>"
    plot = _scatter(chart) if chart.kind == "scatter" else _bars(chart)
    return (
        f'{_HEAD}<c:chartSpace xmlns:c="{_CHART}" xmlns:a="{_DRAWING}" xmlns:r="{DOCUMENT_RELATIONSHIPS}">'
        f"<c:roundedCorners val='0'/><c:chart>{title}<c:autoTitleDeleted val='0'/>"
        f"<c:plotArea><c:layout/>{plot}</c:plotArea>{_legend(chart)}"
        "<c:plotVisOnly val='1'/><c:dispBlanksAs val='gap'/></c:chart>"
        f"<c:spPr>{_solid('FFFFFF')}<a:ln>{_solid('D9D9D9')}</a:ln></c:spPr></c:chartSpace>"
    ).encode()


def drawing_part(charts: Sequence[Chart]) -> bytes:
    """Return the drawing that places charts on a sheet; relationship ``rId1`` is the first chart, and so on."""
    anchors = "".join(_anchor(chart, number) for number, chart in enumerate(charts, start=1))
    return f'{_HEAD}<xdr:wsDr xmlns:xdr="{_PLACE}" xmlns:a="{_DRAWING}">{anchors}</xdr:wsDr>'.encode()


def _anchor(chart: Chart, number: int) -> str:
    column, row = split_cell(chart.at)
    width, height = (round(size * _EMU) for size in chart.size)
    name = escape_attribute(chart.title)
    return (
        f"<xdr:oneCellAnchor><xdr:from><xdr:col>{column - 1}</xdr:col><xdr:colOff>0</xdr:colOff>"
        f"<xdr:row>{row - 1}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
        f'<xdr:ext cx="{width}" cy="{height}"/><xdr:graphicFrame macro=""><xdr:nvGraphicFramePr>'
        f'<xdr:cNvPr id="{number + 1}" name="{name}" descr="{escape_attribute(chart.description)}"/>'
        "<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr>"
        '<xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm>'
        f'<a:graphic><a:graphicData uri="{_CHART}"><c:chart xmlns:c="{_CHART}" '
        f'xmlns:r="{DOCUMENT_RELATIONSHIPS}" r:id="rId{number}"/></a:graphicData></a:graphic>'
        "</xdr:graphicFrame><xdr:clientData/></xdr:oneCellAnchor>"
    )


def _scatter(chart: Chart) -> str:
    series = "".join(
        _series(
            number,
            one,
            f"<c:xVal>{_numbers(one.x)}</c:xVal><c:yVal>{_numbers(one.y)}</c:yVal><c:smooth val='0'/>",
        )
        for number, one in enumerate(chart.series)
    )
    return (
        f"<c:scatterChart><c:scatterStyle val='lineMarker'/><c:varyColors val='0'/>{series}"
        f"<c:axId val='{_X}'/><c:axId val='{_Y}'/></c:scatterChart>"
        + _axis(
            chart, "valAx", _X, _Y, at="b", title=chart.x_title, code=chart.x_format or "#,##0", reach=chart.x_range
        )
        + _value_axis(chart, at="l", grid=True)
    )


def _bars(chart: Chart) -> str:
    """Return columns or bars, and over them what is drawn as marks, on the same axis or on a second one."""
    numbered = list(enumerate(chart.series))
    flat = chart.kind == "bar"
    bars = "".join(
        _series(number, one, _categories(chart, one)) for number, one in numbered if one.look in ("bar", "hidden")
    )
    stacked = chart.kind == "stacked"
    code = chart.x_format or "General"
    out = [
        f"<c:barChart><c:barDir val='{'bar' if flat else 'col'}'/>"
        f"<c:grouping val='{'stacked' if stacked else 'clustered'}'/><c:varyColors val='0'/>{bars}"
        f"<c:gapWidth val='60'/><c:overlap val='{100 if stacked else 0}'/>"
        f"<c:axId val='{_X}'/><c:axId val='{_Y}'/></c:barChart>"
    ]
    for second, (x, y) in ((False, (_X, _Y)), (True, (_X2, _Y2))):
        marks = "".join(
            _series(number, one, f"{_categories(chart, one)}<c:smooth val='0'/>")
            for number, one in numbered
            if one.look in ("markers", "diamond") and one.second_axis is second
        )
        if marks:
            out.append(
                f"<c:lineChart><c:grouping val='standard'/><c:varyColors val='0'/>{marks}<c:marker val='1'/>"
                f"<c:axId val='{x}'/><c:axId val='{y}'/></c:lineChart>"
            )
    out.append(_axis(chart, "catAx", _X, _Y, at="l" if flat else "b", title=chart.x_title, code=code, flip=flat))
    out.append(_value_axis(chart, at="b" if flat else "l", grid=True, crosses="max" if flat else "autoZero"))
    if any(one.second_axis for one in chart.series):
        out.append(_axis(chart, "catAx", _X2, _Y2, at="b", title="", code="General", hidden=True))
        out.append(
            _axis(
                chart,
                "valAx",
                _Y2,
                _X2,
                at="r",
                title=chart.second_title,
                code="0",
                reach=(0.0, None),
                crosses="max",
                between="between",
            )
        )
    return "".join(out)


def _series(number: int, series: Series, data: str) -> str:
    text = _text_at(series.name_at, series.name) if series.name_at else f"<c:v>{escape(series.name)}</c:v>"
    name = f"<c:tx>{text}</c:tx>"
    head = f"<c:ser><c:idx val='{number}'/><c:order val='{number}'/>{name}"
    nothing = "<a:ln><a:noFill/></a:ln>"
    if series.look == "hidden":
        look = f"<c:spPr><a:noFill/>{nothing}</c:spPr><c:invertIfNegative val='0'/>"
    elif series.look == "bar":
        look = f"<c:spPr>{_solid(series.color)}{nothing}</c:spPr><c:invertIfNegative val='0'/>"
    elif series.look in ("line", "thin"):
        line = f"<c:spPr><a:ln w='{3175 if series.look == 'thin' else 19050}'>{_solid(series.color)}</a:ln></c:spPr>"
        look = f"{line}<c:marker><c:symbol val='none'/></c:marker>"
    else:
        # Points of a scatter are small and many; marks over columns are large and few.
        over_columns = "<c:cat>" in data
        symbol = "diamond" if series.look == "diamond" else ("dash" if over_columns else "circle")
        fill = f"<c:spPr>{_solid(series.color)}{nothing}</c:spPr>"
        mark = f"<c:marker><c:symbol val='{symbol}'/><c:size val='{9 if over_columns else 3}'/>{fill}</c:marker>"
        look = f"<c:spPr>{nothing}</c:spPr>{mark}"
    return f"{head}{look}{data}</c:ser>"


def _categories(chart: Chart, series: Series) -> str:
    names = _numbers(series.x) if chart.x_format else f"<c:strRef><c:f>{escape(series.x)}</c:f></c:strRef>"
    return f"<c:cat>{names}</c:cat><c:val>{_numbers(series.y)}</c:val>"


def _numbers(reference: str) -> str:
    return f"<c:numRef><c:f>{escape(reference)}</c:f></c:numRef>"


def _value_axis(chart: Chart, *, at: str, grid: bool, crosses: str = "autoZero") -> str:
    return _axis(
        chart,
        "valAx",
        _Y,
        _X,
        at=at,
        title=chart.y_title,
        code=chart.y_format,
        reach=chart.y_range,
        step=chart.y_step,
        grid=grid,
        crosses=crosses,
        between="midCat" if chart.kind == "scatter" else "between",
    )


def _axis(
    chart: Chart,
    kind: str,
    own: int,
    other: int,
    *,
    at: str,
    title: str,
    code: str,
    reach: tuple[float | None, float | None] = (None, None),
    step: float | None = None,
    grid: bool = False,
    hidden: bool = False,
    flip: bool = False,
    crosses: str = "autoZero",
    between: str = "midCat",
) -> str:
    """Return one axis, its elements in the schema's order; ``flip`` puts the first category at the top."""
    low, high = reach
    limits = (f"<c:max val='{high:.15g}'/>" if high is not None else "") + (
        f"<c:min val='{low:.15g}'/>" if low is not None else ""
    )
    named = f"<c:title>{_rich(title, 900)}</c:title>" if title else ""
    lines = f"<c:majorGridlines><c:spPr><a:ln>{_solid(_GRID)}</a:ln></c:spPr></c:majorGridlines>" if grid else ""
    tail = ""
    if kind == "valAx":
        tail = f"<c:crossBetween val='{between}'/>" + (f"<c:majorUnit val='{step:.15g}'/>" if step else "")
    size = 700 if chart.size[0] < 10 else 800
    return (
        f"<c:{kind}><c:axId val='{own}'/>"
        f"<c:scaling><c:orientation val='{'maxMin' if flip else 'minMax'}'/>{limits}</c:scaling>"
        f"<c:delete val='{int(hidden)}'/><c:axPos val='{at}'/>{lines}{named}"
        f"<c:numFmt formatCode='{escape_attribute(code)}' sourceLinked='0'/>"
        "<c:majorTickMark val='out'/><c:minorTickMark val='none'/>"
        f"<c:tickLblPos val='{'nextTo' if crosses == 'max' else 'low'}'/>"
        f"<c:spPr><a:ln>{_solid(_LINE)}</a:ln></c:spPr>"
        f"<c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz='{size}'>{_solid(_INK)}</a:defRPr></a:pPr>"
        f"<a:endParaRPr lang='en-US'/></a:p></c:txPr>"
        f"<c:crossAx val='{other}'/><c:crosses val='{crosses}'/>{tail}</c:{kind}>"
    )


def _legend(chart: Chart) -> str:
    if not chart.legend:
        return ""
    hidden = "".join(
        f"<c:legendEntry><c:idx val='{number}'/><c:delete val='1'/></c:legendEntry>"
        for number, one in enumerate(chart.series)
        if one.look == "hidden" or not one.in_legend
    )
    return (
        f"<c:legend><c:legendPos val='b'/>{hidden}<c:overlay val='0'/>"
        f"<c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz='800'>{_solid(_INK)}</a:defRPr></a:pPr>"
        "<a:endParaRPr lang='en-US'/></a:p></c:txPr></c:legend>"
    )


def _rich(text: str, size: int, *, bold: bool = False) -> str:
    character = f"sz='{size}' b='{int(bold)}'"
    font = f"{_solid(_INK)}<a:latin typeface='Calibri'/>"
    return (
        f"<c:tx><c:rich><a:bodyPr/><a:p><a:pPr><a:defRPr {character}>{font}</a:defRPr></a:pPr>"
        f"<a:r><a:rPr lang='en-US' {character}>{font}</a:rPr><a:t>{escape(text)}</a:t></a:r></a:p></c:rich></c:tx>"
        "<c:overlay val='0'/>"
    )


def _text_at(address: str, text: str) -> str:
    cache = f"<c:strCache><c:ptCount val='1'/><c:pt idx='0'><c:v>{escape(text)}</c:v></c:pt></c:strCache>"
    return f"<c:strRef><c:f>{escape(address)}</c:f>{cache}</c:strRef>"


def _linked(address: str, text: str, size: int) -> str:
    """Return a title that stands in a cell, with what stands there now."""
    font = f"<a:defRPr sz='{size}' b='1'>{_solid(_INK)}<a:latin typeface='Calibri'/></a:defRPr>"
    return (
        f"<c:tx>{_text_at(address, text)}</c:tx><c:overlay val='0'/>"
        f"<c:txPr><a:bodyPr/><a:p><a:pPr>{font}</a:pPr><a:endParaRPr lang='en-US'/></a:p></c:txPr>"
    )


def _solid(color: str) -> str:
    return f"<a:solidFill><a:srgbClr val='{color}'/></a:solidFill>"
