"""Python's own client, with three attempts."""
import http.client
import socket
import urllib.error
import urllib.request

import client


def attempt(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return client.whole(answer.status, answer.read())
    except urllib.error.HTTPError as e:
        return {"status": e.code}
    except http.client.IncompleteRead as e:
        return client.incomplete(e.partial)
    except (TimeoutError, socket.timeout):
        return {"class": "timeout"}
    except (ConnectionResetError, http.client.RemoteDisconnected) as e:
        return {"class": "reset", "error": str(e)}
    except urllib.error.URLError as e:
        if isinstance(e.reason, TimeoutError):
            return {"class": "timeout"}
        if isinstance(e.reason, ConnectionRefusedError):
            return {"class": "refused"}
        return {"class": "reset", "error": str(e)}


if __name__ == "__main__":
    client.main(attempt)
