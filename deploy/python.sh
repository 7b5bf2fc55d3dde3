#!/bin/sh
# Which Python to make .venv with: the fastest here that is 3.11 or newer and can make environments. How a Python was
# built matters more than its version: between two builds of 3.11 on one machine, the services' CPU differed by a fifth.
probe='import ensurepip, sys, timeit, venv
sys.version_info >= (3, 11) or sys.exit(1)
class Thing:
    __slots__ = ("number", "name")
    def __init__(self, number, name): self.number, self.name = number, name
def work():
    made = {str(number): Thing(number, str(number)) for number in range(2000)}
    return sorted(made, key=lambda name: made[name].number)
print(round(1e6 * min(timeit.repeat(work, number=1, repeat=60))))'
# In turns, and the best of all: one turn each, and who was disturbed in his would be passed over for good.
for turn in 1 2 3 4; do
  for python in python3 /usr/bin/python3 /usr/local/bin/python3 python3.13 python3.12 python3.11; do
    spent=$("$python" -c "$probe" 2>/dev/null) && echo "$spent $python"
  done
done | awk '
  !($2 in least) { order[++known] = $2; least[$2] = $1 }
  $1 < least[$2] { least[$2] = $1 }
  END {
    best = known ? order[1] : "python3"
    # One that is named earlier stays unless a later one is a tenth faster.
    for (place = 2; place <= known; place++) if (least[order[place]] * 10 < least[best] * 9) best = order[place]
    print best
  }'
