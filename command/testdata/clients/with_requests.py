"""requests, with three attempts."""
import requests

import client

session = requests.Session()


def attempt(url):
    body = b""
    try:
        with session.get(url, timeout=30, stream=True) as answer:
            for part in answer.iter_content(512):
                body += part
            return client.whole(answer.status_code, body)
    except requests.exceptions.ChunkedEncodingError:
        return client.incomplete(body)
    except requests.exceptions.Timeout:
        return {"class": "timeout"}
    except requests.exceptions.ConnectionError as e:
        return {"class": "reset", "error": str(e)}


client.main(attempt)
