"""Where the app is, as Streamlit was told by its flags, files and environment."""

import streamlit as st
from streamlit import config

from cnnlab.server.door.place import Place


def app_place() -> Place:
    """Where the app is; call it once, at the start.

    From here on Streamlit takes requests under any name: the door has looked at it before, and
    knows more names.

    Raises:
        BadInputError: `CNNLAB_PUBLIC_ADDRESS` isn't an address.
    """
    base_path = st.get_option("server.baseUrlPath").strip("/")
    place = Place(
        address=st.get_option("server.address") or "",
        port=int(st.get_option("server.port")),
        base_path=f"/{base_path}" if base_path else "",
        is_https=bool(st.get_option("server.sslCertFile")),
        names=tuple(st.get_option("server.allowedHosts")),
    )
    config.set_option("server.allowedHosts", ["*"])
    return place
