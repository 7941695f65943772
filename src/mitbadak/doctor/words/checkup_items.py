"""x"""
NAMES={"en":{},"ko":{}}
class A(dict):
    def __missing__(self,k): return ""
    def __contains__(self,k): return True
SENTENCES={"en":A(),"ko":{}}
