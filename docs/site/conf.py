"""How Sphinx builds the site. ``python tools/build_site.py build/site`` calls it for each language.

The sources are not here: the tool collects them from the whole checkout, one folder a language.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))

import mitbadak  # noqa: E402

project = "Mitbadak 밑바닥"
author = "The Mitbadak developers"
project_copyright = "The Mitbadak developers, MIT license"
release = version = mitbadak.__version__
language = "en"  # -D language=ko for the other half

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "anchors",
    "docstrings",
    "korean_search",
    "math_without_scripts",
    "public_names",
    "two_languages",
]
exclude_patterns = ["files/**", "**/_build/**"]
templates_path = ["templates"]
nitpicky = True
# Types in signatures may be those of other libraries and of inner modules, which have no page, and
# docstrings may say in words what they raise.
nitpick_ignore_regex = [("py:(class|exc)", ".*")]

myst_enable_extensions = ["colon_fence", "dollarmath", "attrs_block"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # lessons are executed when they are tested
nb_ipywidgets_js = {}

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Class attributes", "Attributes")]
add_module_names = False
toc_object_entries_show_parents = "hide"
modindex_common_prefix = ["mitbadak."]
html_domain_indices = False

gettext_compact = True  # one catalog for all of reference/
gettext_location = False
gettext_uuid = False

html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = project
html_baseurl = ""
html_copy_source = False
html_show_sourcelink = False
html_static_path = ["static"]
html_favicon = "static/icon.svg"
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_math_renderer = "mathml"
html_sidebars = {
    "**": [
        "sidebar/scroll-start.html",
        "sidebar/brand.html",
        "sidebar/languages.html",
        "sidebar/search.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
KOREAN = "'Pretendard', 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR', 'Nanum Gothic'"
LATIN = "-apple-system, BlinkMacSystemFont, 'Segoe UI', 'Helvetica Neue', Arial"
MONO = "'SFMono-Regular', Menlo, Consolas, 'D2Coding', 'Nanum Gothic Coding', monospace"
html_theme_options = {
    "top_of_page_buttons": [],
    "light_css_variables": {
        "font-stack": f"{LATIN}, {KOREAN}, sans-serif",
        "font-stack--monospace": MONO,
        "color-brand-primary": "#0b5cad",
        "color-brand-content": "#0b5cad",
        "color-brand-visited": "#6b4aa0",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7ab8ff",
        "color-brand-content": "#7ab8ff",
        "color-brand-visited": "#b79cea",
    },
}
