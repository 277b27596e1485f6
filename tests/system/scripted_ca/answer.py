"""What goes back where nothing is wrong."""
import json


class Answer:
    def __init__(self, status, value, content_type="application/json", **headers):
        self.status, self.content_type, self.headers = status, content_type, headers
        self.body = value if isinstance(value, bytes) else json.dumps(value).encode()
