"""httpx, with three attempts."""
import httpx

import client

session = httpx.Client(timeout=30)


def attempt(url):
    head = None
    try:
        with session.stream("GET", url) as answer:
            head, body = answer.status_code, b""
            for part in answer.iter_raw():
                body += part
            return client.whole(head, body)
    except httpx.TimeoutException:
        return {"class": "timeout"}
    except httpx.ConnectError as e:
        return {"class": "refused", "error": str(e)}
    except httpx.RemoteProtocolError as e:
        if head is None:
            return {"class": "reset", "error": str(e)}
        return client.incomplete(body)
    except httpx.TransportError as e:
        return {"class": "reset", "error": str(e)}


client.main(attempt)
