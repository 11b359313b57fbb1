"""How an exported report looks: on a screen, printed by a browser, and laid out on pages for the PDF."""

from __future__ import annotations

# The system finds the fonts of other scripts by itself; emoji fonts named here would also draw the digits.
FONTS = "'Noto Sans',sans-serif"
MONO = "'Noto Sans Mono','DejaVu Sans Mono',monospace"

_TEXT = """
h1,h2,h3,h4,h5,h6{line-height:1.25;margin:2em 0 .6em}p,li,td,th,blockquote,h1,h2,h3,h4,h5,h6{unicode-bidi:plaintext;overflow-wrap:anywhere}td,th{overflow-wrap:break-word}.tight td,.tight th{overflow-wrap:anywhere}
.question{white-space:pre-wrap;font-weight:600}.where,.about{font-size:.85em}nav ol{list-style:none;padding:0}nav p{font-weight:600}
.in2{margin-inline-start:1rem}.in3{margin-inline-start:2rem}pre,code{direction:ltr;text-align:left}code{font-size:.9em}
table{border-collapse:collapse;font-size:.92em}th,td{padding:.35rem .6rem;text-align:start;vertical-align:top}.right{text-align:right}.center{text-align:center}
ul,ol{padding-inline-start:1.8rem}li li li ul,li li li ol{padding-inline-start:1.1rem}blockquote{margin-inline:0;padding-inline-start:1rem}
blockquote blockquote blockquote{padding-inline-start:.2rem}blockquote blockquote blockquote blockquote{margin:0;padding-inline-start:2px}img{max-width:100%;height:auto}figure{margin:1.5rem 0}figcaption{font-size:.85em}sup{line-height:0}
"""

# Long code is wrapped, not cut off; a table runs on over pages with its header, a wide one on its side; an address is
# printed where it helps.
_PRINTED = """
@page wide{size:A4 landscape}.wide{page:wide}.wide table{font-size:7.5pt}.tight table{table-layout:fixed;width:100%;font-size:6pt}.tight th,.tight td{padding:2pt}
pre{white-space:pre-wrap;overflow-wrap:anywhere}thead{display:table-header-group}tr,figure,img{break-inside:avoid}h1,h2,h3,h4,h5,h6{break-after:avoid}
p,li{orphans:2;widows:2}.address{display:inline;overflow-wrap:anywhere;font-size:.85em}
"""

SCREEN = f"""
:root{{color-scheme:light dark;--ink:#1d1c1d;--paper:#fff;--soft:#616061;--line:#ddd;--shade:#f6f6f6;--link:#1264a3}}
@media(prefers-color-scheme:dark){{:root{{--ink:#e8e8e8;--paper:#1a1d21;--soft:#ababad;--line:#3a3d42;--shade:#222529;--link:#5eb3f0}}}}
body{{margin:0 auto;max-width:46rem;padding:2rem 1rem 4rem;background:var(--paper);color:var(--ink);font:1rem/1.6 system-ui,sans-serif}}
{_TEXT}
a{{color:var(--link)}}.where,.about,figcaption{{color:var(--soft)}}header,nav{{border-bottom:1px solid var(--line);margin-bottom:1.5rem}}
pre{{background:var(--shade);padding:.8rem;overflow-x:auto;border-radius:6px}}code{{font-family:ui-monospace,monospace}}p code,li code,td code{{overflow-wrap:anywhere}}
.scroll{{overflow-x:auto}}.scroll td,.scroll th{{min-width:4rem}}th,td{{border:1px solid var(--line)}}th{{background:var(--shade)}}
blockquote{{border-inline-start:3px solid var(--line)}}blockquote blockquote blockquote{{border-inline-start-width:1px}}img{{background:#fff}}:target{{scroll-margin-top:1rem}}.address{{display:none}}
@media print{{:root{{color-scheme:light;--ink:#000;--paper:#fff;--soft:#444;--line:#bbb;--shade:#f6f6f6;--link:#000}}body{{max-width:none;padding:0}}nav{{display:none}}
.scroll{{overflow:visible}}.scroll td,.scroll th{{min-width:0}}{_PRINTED}}}
"""

PAPER = f"""
@page{{size:A4;margin:20mm 18mm 22mm;@bottom-center{{content:counter(page) " / " counter(pages);font:8pt {FONTS};color:#555}}}}
body{{margin:0;color:#1d1c1d;font:10.5pt/1.5 {FONTS}}}
{_TEXT}{_PRINTED}
h1{{font-size:20pt;bookmark-level:1}}h2{{font-size:15pt}}h3{{font-size:12.5pt}}h4,h5,h6{{font-size:10.5pt}}header h1,main>h1:first-child{{margin-top:.6em}}
a{{color:#1264a3;text-decoration:none}}.where,.about,figcaption{{color:#555}}header,nav{{border-bottom:1px solid #ccc;margin-bottom:12pt}}
nav a{{color:inherit}}nav a::after{{content:leader(".") target-counter(attr(href),page)}}
pre{{background:#f6f6f6;padding:6pt 8pt;border-radius:4pt;font-size:9pt}}code{{font-family:{MONO}}}
th,td{{border:.5pt solid #bbb}}th{{background:#f2f2f2}}table{{font-size:8.5pt}}blockquote{{border-inline-start:2pt solid #ccc}}img{{max-height:220mm}}
"""
