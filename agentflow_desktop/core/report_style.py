"""The look of every report: dark ink on white, one blue, and yellow for what is quoted.

Lengths around boxes are in px: Qt's text documents take no other.
"""

STYLE = """\
body { font-family: Inter, "Segoe UI", "Helvetica Neue", Arial, sans-serif; font-size: 10.5pt;
  color: #1A1F26; background-color: #FFFFFF; line-height: 145%; }
h1 { margin: 2px 0 8px 0; line-height: 120%; }
h2 { margin: 24px 0 6px 0; }
h1 span { font-size: 19pt; font-weight: 600; }
h2 span { font-size: 12.5pt; font-weight: 600; }
p { margin: 0 0 9px 0; }
b, strong { font-weight: 600; }
ul, ol { margin: 0 0 9px 0; }
pre, code { font-family: "JetBrains Mono", Consolas, Menlo, monospace; font-size: 9pt; }
pre { margin: 0 0 9px 0; white-space: pre-wrap; }
sup { color: #1F5FBF; font-size: 10pt; font-weight: 600; }
table { border-collapse: collapse; margin: 0; }
th { font-size: 8.5pt; font-weight: 600; color: #545D68; text-align: left; }
.kicker { font-size: 8.5pt; color: #545D68; margin: 0; }
.task { font-size: 11.5pt; color: #545D68; }
.badges { font-size: 9pt; font-weight: 600; color: #8A5300; margin: 0 0 18px 0; }
.gap { color: #8A5300; }
.none { font-size: 9pt; color: #8A5300; }
.pass { color: #1B6E3C; font-weight: 600; }
.fail { color: #B4232F; font-weight: 600; }
.note, .place, .digest { font-size: 8.5pt; color: #545D68; }
.digest { font-family: "JetBrains Mono", Consolas, Menlo, monospace; font-size: 7pt; }
.quote { margin: 0 0 8px 0; line-height: 130%; }
.quote td { vertical-align: top; padding: 4px 10px 4px 10px; }
.quote .number { color: #1F5FBF; font-size: 9pt; font-weight: 600; width: 22px;
  padding: 4px 6px 4px 0; }
.found { background-color: #FFF7D6; border-left: 3px solid #B98800; }
.lost { background-color: #FBE7E8; border-left: 3px solid #B4232F; }
.rows { line-height: 130%; margin: 0 0 8px 0; }
.rows th, .rows td { padding: 4px 16px 4px 0; border-bottom: 1px solid #DCE0E5;
  vertical-align: top; }
.rows .figure { text-align: right; padding: 4px 0 4px 16px; white-space: nowrap; }
.facts { line-height: 130%; }
.facts td { padding: 2px 16px 2px 0; vertical-align: top; }
.facts .name { color: #545D68; white-space: nowrap; }
.claim table { margin: 0 0 9px 0; line-height: 130%; }
.claim td, .claim th { padding: 3px 16px 3px 0; border-bottom: 1px solid #DCE0E5; }
@media screen { body { max-width: 760px; margin: 40px auto; padding: 0 24px; } }
@media print { h2 { break-after: avoid; } .quote, tr { break-inside: avoid; } }
"""
