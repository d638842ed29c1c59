"""One HTML file that classifies, offline: plain JavaScript, the weights, words.

plan.py      the network as a list of operations, or why the page can't hold it
weights.py   its numbers as a text
numbers.py   what is said of the model beside its answers
document.py  the file: markup, style, modules bundled, a policy that forbids any network
chromium.py  a browser of this machine that is asked what the file says of picture files
*.mjs        what runs in the file: `page.mjs` begins it, `network.mjs` computes, `pillow.mjs`
             makes pictures small as Pillow does, `pictures.mjs` opens files
"""
