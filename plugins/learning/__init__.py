"""What trainings share: where they stop and go on, devices, seeds, points held out, how far a model
carries.
"""
