"""One HTML file that classifies, offline: plain JavaScript, the weights, words.

plan.py      the network as a list of operations, or why the page can't hold it;
             layer_plans.py knows each class of layer, operations.py what they are made of
weights.py   its numbers as a text
numbers.py   what is said of the model beside its answers
document.py  the file: markup, style, modules bundled, a policy that forbids any network
chromium.py  a browser of this machine that is asked what the file says of picture files

What runs in the file, as JavaScript modules:
page/        what is seen: `page.mjs` begins it
pictures/    files and camera pictures as Pillow opens them and makes them small
network/     the operations of the plan: `network.mjs` computes them
"""
