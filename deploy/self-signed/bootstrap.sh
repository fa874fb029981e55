#!/bin/sh
# Makes a self-signed certificate, stores it as the Secret of the webhook, and puts it into both webhook configurations.
# The webhook reads the Secret again by itself. Needs kubectl and openssl.
set -eu

namespace=verify-images
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
umask 077

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 \
  -subj "/CN=webhook.$namespace.svc" -addext "subjectAltName=DNS:webhook.$namespace.svc" \
  -keyout "$folder/tls.key" -out "$folder/tls.crt" 2>/dev/null

# Both certificates are trusted until the replicas serve the new one.
for kind in mutatingwebhookconfiguration validatingwebhookconfiguration; do
  before=$(kubectl get "$kind" verify-images -o 'jsonpath={.webhooks[0].clientConfig.caBundle}')
  { printf '%s' "$before" | openssl base64 -d -A; cat "$folder/tls.crt"; } | tail -c 65536 > "$folder/bundle"
  both=$(openssl base64 -A -in "$folder/bundle")
  kubectl patch "$kind" verify-images --type=json \
    --patch "[{\"op\":\"add\",\"path\":\"/webhooks/0/clientConfig/caBundle\",\"value\":\"$both\"}]"
done
kubectl create secret tls webhook-tls --namespace "$namespace" --cert "$folder/tls.crt" --key "$folder/tls.key" \
  --dry-run=client --output yaml | kubectl apply --filename -
