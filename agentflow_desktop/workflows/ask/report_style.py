"""The look of a report: dark ink on white, one blue, and yellow for what is quoted."""

STYLE = """\
body { font-family: Inter, "Segoe UI", "Helvetica Neue", Arial, sans-serif; font-size: 10.5pt;
  color: #1A1F26; background-color: #FFFFFF; line-height: 150%; margin: 0; }
h1 { font-size: 19pt; font-weight: 600; margin-top: 2pt; margin-bottom: 8pt; line-height: 120%; }
h2 { font-size: 12pt; font-weight: 600; margin-top: 20pt; margin-bottom: 6pt; }
p { margin-top: 0; margin-bottom: 7pt; }
pre, code { font-family: "JetBrains Mono", Consolas, Menlo, monospace; font-size: 9pt; }
pre { background-color: #F2F4F6; white-space: pre-wrap; }
sup { color: #1F5FBF; font-size: 8.5pt; font-weight: 600; }
table { border-collapse: collapse; }
th { font-size: 8.5pt; font-weight: 600; color: #545D68; text-align: left; }
.kicker { font-size: 8.5pt; color: #545D68; margin-bottom: 0; }
.task { font-size: 11.5pt; color: #545D68; margin-bottom: 8pt; }
.badges { font-size: 9pt; font-weight: 600; color: #8A5300; margin-bottom: 14pt; }
.gap { color: #8A5300; }
.none { font-size: 9pt; color: #8A5300; }
.note, .place, .digest { font-size: 8.5pt; color: #545D68; }
.digest { font-family: "JetBrains Mono", Consolas, Menlo, monospace; font-size: 7pt; }
.quote { margin-top: 5pt; margin-bottom: 5pt; }
.quote td { vertical-align: top; padding: 3pt 8pt; }
.number { color: #1F5FBF; font-size: 9pt; font-weight: 600; width: 18pt; }
.found { background-color: #FFF7D6; border-left: 3px solid #B98800; }
.lost { background-color: #FBE7E8; border-left: 3px solid #B4232F; }
.rows th, .rows td { padding: 3pt 8pt 3pt 0; border-bottom: 1px solid #DCE0E5;
  vertical-align: top; }
.rows .figure { text-align: right; padding-right: 0; padding-left: 12pt; white-space: nowrap; }
.facts td { padding: 1pt 12pt 1pt 0; vertical-align: top; }
.facts .name { color: #545D68; white-space: nowrap; }
.claim table { margin-bottom: 7pt; }
.claim td, .claim th { padding: 2pt 10pt 2pt 0; border-bottom: 1px solid #DCE0E5; }
@media screen { body { max-width: 760px; margin: 40px auto; padding: 0 24px; } }
@media print { h2 { break-after: avoid; } .quote, tr { break-inside: avoid; } }
"""
