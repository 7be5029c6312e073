"""Charts as parts: elements in the schema's order, read back by another library, and told in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from openpyxl.chart.chartspace import ChartSpace
from openpyxl.chart.reader import read_chart
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.xml.functions import fromstring

from tests.small_fund import counts, scheme_of, score_file, tiny_book, write_fund
from xl_qbs.sheets.model import Chart
from xl_qbs.workbook.charts_xml import chart_part, drawing_part

CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DRAW = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
# Children in the schema's order (ECMA-376, part 1, 21.2.2), of the elements that the parts hold.
ORDER = {
    "chartSpace": "date1904 lang roundedCorners style clrMapOvr pivotSource protection chart spPr txPr",
    "chart": "title autoTitleDeleted pivotFmts view3D floor sideWall backWall plotArea legend plotVisOnly dispBlanksAs",
    "plotArea": "layout barChart lineChart scatterChart catAx valAx dTable spPr",
    "title": "tx layout overlay spPr txPr",
    "barChart": "barDir grouping varyColors ser dLbls gapWidth overlap serLines axId",
    "lineChart": "grouping varyColors ser dLbls dropLines hiLowLines upDownBars marker smooth axId",
    "scatterChart": "scatterStyle varyColors ser dLbls axId",
    "ser": (
        "idx order tx spPr invertIfNegative marker pictureOptions dPt dLbls trendline errBars cat xVal val yVal smooth"
    ),
    "marker": "symbol size spPr",
    "scaling": "logBase orientation max min",
    "catAx": (
        "axId scaling delete axPos majorGridlines minorGridlines title numFmt majorTickMark minorTickMark "
        "tickLblPos spPr txPr crossAx crosses crossesAt auto lblAlgn lblOffset noMultiLvlLbl"
    ),
    "valAx": (
        "axId scaling delete axPos majorGridlines minorGridlines title numFmt majorTickMark minorTickMark "
        "tickLblPos spPr txPr crossAx crosses crossesAt crossBetween majorUnit minorUnit dispUnits"
    ),
    "legend": "legendPos legendEntry layout overlay spPr txPr",
    "legendEntry": "idx delete txPr",
    "numRef": "f numCache",
    "strRef": "f strCache",
}


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> list[Chart]:
    """Return the charts of a scored workbook, and one of each kind with texts that XML does not like."""
    folder = tmp_path_factory.mktemp("charts")
    scheme = scheme_of(3)
    book = score_file(write_fund(folder / "in.xlsx", scheme, *counts(scheme)), folder / "out.xlsx", scheme).book
    return [chart for one in (book, tiny_book()) for sheet in one.sheets for chart in sheet.charts]


def _names(node: Any) -> list[str]:
    return [etree.QName(child).localname for child in node]


def test_children_stand_in_the_order_of_the_schema(charts: list[Chart]) -> None:
    for chart in charts:
        root = etree.fromstring(chart_part(chart))
        checked = set()
        for node in root.iter(f"{CHART}*"):
            kind = etree.QName(node).localname
            if kind in ORDER:
                order = ORDER[kind].split()
                assert set(_names(node)) <= set(order), f"{chart.title}: {kind}"
                places = [order.index(name) for name in _names(node)]
                # Axes go in pairs, whatever their kind.
                if kind != "plotArea":
                    assert places == sorted(places), f"{chart.title}: {kind} has {_names(node)}"
                checked.add(kind)
        assert {"chartSpace", "chart", "plotArea", "ser", "scaling", "valAx"} <= checked


def test_axes_belong_to_charts(charts: list[Chart]) -> None:
    """Excel mends a chart in which an axis is named and not there, and takes the drawing away."""
    for chart in charts:
        plot = etree.fromstring(chart_part(chart)).find(f".//{CHART}plotArea")
        axes = {
            node.find(f"{CHART}axId").get("val"): node.find(f"{CHART}crossAx").get("val")
            for node in plot
            if etree.QName(node).localname in ("catAx", "valAx")
        }
        used = {
            node.get("val")
            for kind in plot
            if etree.QName(kind).localname.endswith("Chart")
            for node in kind.findall(f"{CHART}axId")
        }
        assert used == set(axes), chart.title
        assert {axes[other] for other in axes.values()} == set(axes), chart.title


def test_series_are_numbered_through(charts: list[Chart]) -> None:
    for chart in charts:
        root = etree.fromstring(chart_part(chart))
        for name in ("idx", "order"):
            numbers = [int(node.find(f"{CHART}{name}").get("val")) for node in root.iter(f"{CHART}ser")]
            assert sorted(numbers) == list(range(len(chart.series)))


def test_references_are_those_of_the_model(charts: list[Chart]) -> None:
    for chart in charts:
        found = [node.text for node in etree.fromstring(chart_part(chart)).iter(f"{CHART}f")]
        assert sorted(found) == sorted(text for series in chart.series for text in (series.x, series.y))


def test_openpyxl_reads_every_chart(charts: list[Chart]) -> None:
    for chart in charts:
        read = read_chart(ChartSpace.from_tree(fromstring(chart_part(chart))))
        assert read.title.tx.rich.p[0].r[0].t == chart.title
        whole = [read, *read._charts[1:]]
        found = sorted((one.tx.v, (one.val or one.yVal).numRef.f) for part in whole for one in part.series)
        assert found == sorted((series.name, series.y) for series in chart.series)


def test_limits_of_axes(charts: list[Chart]) -> None:
    chart = charts[-1]
    axis = etree.fromstring(chart_part(chart)).findall(f".//{CHART}valAx")[1]
    values = [axis.find(f".//{CHART}{name}").get("val") for name in ("min", "max", "majorUnit")]
    assert [float(value) for value in values] == [chart.y_range[0], chart.y_range[1], chart.y_step]


def test_the_drawing_places_names_and_describes_each_chart(charts: list[Chart]) -> None:
    root = etree.fromstring(drawing_part(charts))
    assert len(root) == len(charts)
    properties = [node for node in root.iter() if etree.QName(node).localname == "cNvPr"]
    assert [node.get("descr") for node in properties] == [chart.description for chart in charts]
    assert [node.get("name") for node in properties] == [chart.title for chart in charts]
    identities = [node.get("id") for node in properties]
    assert len(set(identities)) == len(identities)
    links = [
        value for node in root.iter(f"{CHART}chart") for name, value in node.attrib.items() if name.endswith("}id")
    ]
    assert links == [f"rId{number}" for number in range(1, len(charts) + 1)]


def test_openpyxl_reads_the_drawing(charts: list[Chart]) -> None:
    drawing = SpreadsheetDrawing.from_tree(fromstring(drawing_part(charts)))
    assert [anchor._from.col for anchor in drawing.oneCellAnchor] == [ord(chart.at[0]) - 65 for chart in charts]
    assert len(drawing._chart_rels) == len(charts)


@pytest.mark.libreoffice
def test_libreoffice_prints_charts(tmp_path: Path) -> None:
    from tests.engines import to_pdf

    scheme = scheme_of(2)
    path = write_fund(tmp_path / "in.xlsx", scheme, *counts(scheme, 8))
    scored = score_file(path, tmp_path / "out.xlsx", scheme)
    pdf = to_pdf(scored.path, tmp_path)
    data = pdf.read_bytes()
    assert data.startswith(b"%PDF")
    assert data.count(b"/Type/Page") - data.count(b"/Type/Pages") >= len(scored.book.sheets)
