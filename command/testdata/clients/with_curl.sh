# curl, with three attempts, as a report.
file=$(mktemp)
trap 'rm -f "$file"' EXIT
for attempt in 1 2 3; do
	code=$(curl --silent --show-error --max-time 30 --output "$file" --write-out '%{http_code}' "$1")
	exit=$?
	if [ $exit = 18 ] && [ "$CLIENT_BUG" = truncated ]; then
		exit=0
	fi
	case $exit:$code in
	0:400) [ "$CLIENT_BUG" = retries ] || break ;;
	0:5?? | 18:*) ;;
	*) break ;;
	esac
done
if [ "$CLIENT_BUG" = swallows ] && [ "$code" = 503 ]; then
	code=200
	: >"$file"
fi
case $exit in
0) echo "{\"status\": $code, \"bytes\": $(wc -c <"$file")}" ;;
18) echo '{"class": "truncated"}' ;;
28) echo '{"class": "timeout"}' ;;
7) echo '{"class": "refused"}' ;;
*) echo '{"class": "reset"}' ;;
esac
