"""The documentation site: `make docs`, which treats warnings as errors and opens without a network."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import mcpolar

# numbers of a build are one thread's, so that two builds agree in time and order
os.environ.setdefault("NUMBA_NUM_THREADS", "2")

project = "mcpolar"
author = "The mcpolar developers"
copyright = "2026, The mcpolar developers"
version = release = mcpolar.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "sphinxcontrib.bibtex",
    "written",
]
root_doc = "index"
exclude_patterns = [
    "_build",
    "_static",
    "gallery_scripts",
    "gallery/*.ipynb",
    "gallery/*.py",
    "gallery/*.json",
    "gallery/*.zip",
]
templates_path = ["_templates"]
nitpicky = False

# -- pages --
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath", "substitution"]
myst_heading_anchors = 3
myst_dmath_double_inline = True
nb_execution_mode = "cache"
nb_execution_cache_path = str(Path(__file__).parent / "_build" / "executed")
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True
nb_execution_show_tb = True
bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "unsrt"
copybutton_prompt_text = r">>> |\.\.\. |\$ |In \[\d*\]: "
copybutton_prompt_is_regexp = True

# -- reference --
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # NumPy's docstrings have the types
autosummary_generate = False
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

# -- gallery --
sphinx_gallery_conf = {
    "examples_dirs": "gallery_scripts",
    "gallery_dirs": "gallery",
    "filename_pattern": r"/plot_",
    "within_subsection_order": "FileNameSortKey",
    "download_all_examples": False,
    "show_signature": False,
    "show_memory": False,
    "plot_gallery": "True",
    "parallel": True,  # as many scripts at once as sphinx-build -j
    "abort_on_example_error": True,
    "remove_config_comments": True,
    "copyfile_regex": r".*\.csv",
    "write_computation_times": False,
    "image_scrapers": ("scraper",),
    "min_reported_time": 1,
    "capture_repr": (),
    "matplotlib_animations": False,
}

# -- looks --
html_theme = "furo"
html_title = f"mcpolar {release}"
html_static_path = ["_static"]
html_favicon = "_static/favicon.svg"
html_extra_path = ["written/extra"]  # the explorer, as it is
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
# one file that holds every glyph: MathJax 4 fetches rare ones from a network
mathjax_path = "mathjax/tex-svg.js"
mathjax3_config = {"options": {"enableMenu": False}, "svg": {"fontCache": "global"}}
# the words of a type such as "(n_replicas, m)" are no references
suppress_warnings = ["config.cache", "ref.python"]
