"""People: members of the workspace; for admins accounts, workspaces and who did what."""

from cnnlab.ui.people.page import render_people

render_people()
