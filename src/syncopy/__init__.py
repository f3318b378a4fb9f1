"""Syncopy: Systems Neuroscience Computing in Python.

Large-scale analysis of electrophysiology recordings, with FieldTrip's concepts and parameter names::

    import syncopy as spy

Importing this package reads and writes nothing, prints nothing and changes no setting; every public name is resolved
when it is first used.
"""

from __future__ import annotations

import difflib
import importlib
from typing import Any

# Public name -> module that holds it.
_PUBLIC = {
    "AnalogData": "syncopy.data.continuous",
    "SpectralData": "syncopy.data.continuous",
    "CrossSpectralData": "syncopy.data.continuous",
    "TimeLockData": "syncopy.data.timelock",
    "SpikeData": "syncopy.data.spikes",
    "EventData": "syncopy.data.events",
    "StructDict": "syncopy.data.structdict",
    "TrialIndexer": "syncopy.data.trials",
    "SPYError": "syncopy.errors",
    "SPYTypeError": "syncopy.errors",
    "SPYValueError": "syncopy.errors",
    "SPYIOError": "syncopy.errors",
    "SPYImportError": "syncopy.errors",
    "SPYParallelError": "syncopy.errors",
    "SPYWarning": "syncopy.errors",
    "options": "syncopy.settings",
    "freqanalysis": "syncopy.api.verbs",
    "preprocessing": "syncopy.api.verbs",
    "connectivityanalysis": "syncopy.api.verbs",
    "resampledata": "syncopy.api.verbs",
    "timelockanalysis": "syncopy.api.verbs",
    "spike_psth": "syncopy.api.verbs",
    "mean": "syncopy.api.verbs",
    "var": "syncopy.api.verbs",
    "std": "syncopy.api.verbs",
    "sem": "syncopy.api.verbs",
    "median": "syncopy.api.verbs",
    "itc": "syncopy.api.verbs",
    "singlepanelplot": "syncopy.plotting.plots",
    "multipanelplot": "syncopy.plotting.plots",
    "plot": "syncopy.plotting.plots",
    "topoplot": "syncopy.plotting.plots",
    "get_defaults": "syncopy.api.call",
    "definetrial": "syncopy.api.definetrial",
    "redefinetrial": "syncopy.api.redefinetrial",
    "selectdata": "syncopy.api.select",
    "show": "syncopy.api.show",
    "arithmetic": "syncopy.api.arithmetic",
    "concat": "syncopy.api.concat",
    "white_noise": "syncopy.synthdata",
    "linear_trend": "syncopy.synthdata",
    "harmonic": "syncopy.synthdata",
    "phase_diffusion": "syncopy.synthdata",
    "ar2_network": "syncopy.synthdata",
    "red_noise": "syncopy.synthdata",
    "ar2_peak_freq": "syncopy.synthdata",
    "mk_RandomAdjMat": "syncopy.synthdata",
    "poisson_noise": "syncopy.synthdata",
    "collect_trials": "syncopy.synthdata",
    "cluster_setup": "syncopy.cluster",
    "esi_cluster_setup": "syncopy.cluster",
    "cluster_cleanup": "syncopy.cluster",
    "save": "syncopy.io.container",
    "load": "syncopy.io.container",
    "copy": "syncopy.io.copying",
    "cleanup": "syncopy.io.cleanup",
    "clear": "syncopy.io.cleanup",
    "load_ft_raw": "syncopy.io.fieldtrip",
    "save_ft": "syncopy.io.fieldtrip_export",
    "load_nwb": "syncopy.io.nwb",
    "save_nwb": "syncopy.io.nwb_export",
    "load_tdt": "syncopy.io.tdt",
    "load_neo": "syncopy.io.neo_files",
    "to_xarray": "syncopy.io.labelled",
    "load_mne": "syncopy.io.mne_files",
    "load_mne_events": "syncopy.io.mne_files",
    "raw_adata_to_mne_raw": "syncopy.io.mne_conv",
    "raw_mne_to_adata": "syncopy.io.mne_conv",
    "raw_mne_to_events": "syncopy.io.mne_conv",
    "tldata_to_mne_epochs": "syncopy.io.mne_conv",
    "mne_epochs_to_tldata": "syncopy.io.mne_conv",
}

# Modules that are attributes without an import of their own.
_MODULES = {"synthdata": "syncopy.synthdata", "mne_conv": "syncopy.io.mne_conv"}

__all__ = [*_PUBLIC, *_MODULES]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("syncopy")
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name not in _PUBLIC:
        close = difflib.get_close_matches(name, __all__, 1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise AttributeError(f"module 'syncopy' has no attribute {name!r}{hint}")
    value = getattr(importlib.import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
