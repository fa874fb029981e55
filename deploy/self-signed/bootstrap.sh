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

# Both certificates are trusted until the replicas serve the new one. The one before is that of the Secret.
kubectl get secret webhook-tls --namespace "$namespace" --ignore-not-found \
  -o 'jsonpath={.data.tls\.crt}' | openssl base64 -d -A > "$folder/before"
bundle=$(cat "$folder/before" "$folder/tls.crt" | openssl base64 -A)
for kind in mutatingwebhookconfiguration validatingwebhookconfiguration; do
  kubectl patch "$kind" verify-images --type=json \
    --patch "[{\"op\":\"add\",\"path\":\"/webhooks/0/clientConfig/caBundle\",\"value\":\"$bundle\"}]"
done
kubectl create secret tls webhook-tls --namespace "$namespace" --cert "$folder/tls.crt" --key "$folder/tls.key" \
  --dry-run=client --output yaml | kubectl apply --filename -
