import LeRobot
import Torch
print("recap", torchPlaceholder(), lerobotPlaceholder())
