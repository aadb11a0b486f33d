{{- define "database-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "database-operator.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- $name := include "database-operator.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "database-operator.image" -}}
{{- printf "%s:%s" .Values.image.repository (default (printf "v%s" .Chart.AppVersion) .Values.image.tag) }}
{{- end }}

{{- define "database-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "database-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "database-operator.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ include "database-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: database-operator
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "database-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "database-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* cert-manager, existingSecret or selfsigned: where the serving certificate comes from. */}}
{{- define "database-operator.certificates" -}}
{{- if not .Values.webhook.enabled -}}
selfsigned
{{- else if .Values.webhook.existingSecret -}}
existingSecret
{{- else if .Values.webhook.certManager.enabled -}}
cert-manager
{{- else -}}
selfsigned
{{- end }}
{{- end }}

{{- define "database-operator.certificateSecret" -}}
{{- default (printf "%s-cert" .Values.webhook.name) .Values.webhook.existingSecret }}
{{- end }}

{{/* Webhook configurations are cluster-wide: two operators confined to namespaces must not share one. */}}
{{- define "database-operator.webhookConfiguration" -}}
{{- if .Values.webhook.configurationName }}
{{- .Values.webhook.configurationName }}
{{- else if .Values.watchNamespaces }}
{{- printf "%s-%s" .Release.Namespace .Values.webhook.name }}
{{- else }}
{{- .Values.webhook.name }}
{{- end }}
{{- end }}

{{/* Secret and key under which the CA of the serving certificate is found. */}}
{{- define "database-operator.caSecret" -}}
{{- if eq (include "database-operator.certificates" .) "selfsigned" -}}
{{ include "database-operator.webhookConfiguration" . }}-selfsigned
{{- else -}}
{{ include "database-operator.certificateSecret" . }}
{{- end }}
{{- end }}
