"""The JSON records of the program, each typed once: what is on the disk, and what goes to a page.

The keys are a contract with files of earlier versions, with scripts and with the browser.
`NotRequired` is what a record of an earlier version may lack, or one that can't have it.
"""
