"""Telling people: what is told together, to whom, when again, and one module a channel.

Whatever is sent leaves the machine: paths are masked, small numbers of persons are "< 5", no sample is in it.
"""
