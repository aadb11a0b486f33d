package main

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func labelsOf(database *Database) map[string]string {
	return map[string]string{
		"app":                         database.Name,
		"app.kubernetes.io/instance":  database.Name,
		"app.kubernetes.io/component": "database",
		"engine":                      database.Spec.Engine,
		"app.kubernetes.io/name":      database.Spec.Engine,
		"app.kubernetes.io/part-of":   manager,
		managedLabel:                  manager,
		nameLabel:                     database.Name,
		"version":                     database.Spec.Version,
		"app.kubernetes.io/version":   database.Spec.Version,
	}
}

func selectorOf(database *Database) map[string]string {
	return map[string]string{
		"app":                         database.Name,
		"app.kubernetes.io/instance":  database.Name,
		"app.kubernetes.io/component": "database",
	}
}

func metaOf(database *Database, suffix string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: database.Name + suffix, Namespace: database.Namespace, Labels: labelsOf(database)}
}

func typeOf(apiVersion, kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: apiVersion, Kind: kind}
}

func pointer[T any](value T) *T { return &value }

func children(database *Database) []client.Object {
	return []client.Object{
		&corev1.ServiceAccount{TypeMeta: typeOf("v1", "ServiceAccount"), ObjectMeta: metaOf(database, ""), AutomountServiceAccountToken: pointer(false)},
		configMap(database, "-config", map[string]string{"postgresql.conf": settings(database)}),
		configMap(database, "-scripts", scripts()),
		configMap(database, "-topology", map[string]string{"primary": database.Name + "-0", "term": "1", "members": database.Name + "-0", "initialized": "false", "reseed": ""}),
		service(database, "-headless", "", corev1.ClusterIPNone),
		service(database, "", "primary", ""),
		service(database, "-primary", "primary", ""),
		service(database, "-readonly", "replica", ""),
		&policyv1.PodDisruptionBudget{
			TypeMeta: typeOf("policy/v1", "PodDisruptionBudget"), ObjectMeta: metaOf(database, ""),
			Spec: policyv1.PodDisruptionBudgetSpec{
				MaxUnavailable:             pointer(intstr.FromInt32(1)),
				UnhealthyPodEvictionPolicy: pointer(policyv1.AlwaysAllow),
				Selector:                   &metav1.LabelSelector{MatchLabels: selectorOf(database)},
			},
		},
		networkPolicy(database),
		statefulSet(database),
	}
}

func secrets(database *Database) []client.Object {
	application := password()
	internal := &corev1.Secret{ObjectMeta: metaOf(database, "-internal"), StringData: map[string]string{
		"password": application, "superuser-password": password(), "replication-password": password(), "monitor-password": password(),
	}}
	host := fmt.Sprintf("%s-primary.%s.svc.cluster.local", database.Name, database.Namespace)
	public := &corev1.Secret{ObjectMeta: metaOf(database, "-secret"), StringData: map[string]string{
		"username": database.Name, "password": application, "host": host, "port": "5432", "database": database.Name,
		"uri": fmt.Sprintf("postgresql://%s:%s@%s:5432/%s", database.Name, application, host, database.Name),
	}}
	return []client.Object{internal, public}
}

func configMap(database *Database, suffix string, data map[string]string) client.Object {
	return &corev1.ConfigMap{TypeMeta: typeOf("v1", "ConfigMap"), ObjectMeta: metaOf(database, suffix), Data: data}
}

func settings(database *Database) string {
	connections := database.Spec.Config.MaxConnections
	if connections == 0 {
		connections = 100
	}
	lines := []string{"# Written by go-operator from the Database object; changes made here are put back."}
	for index := range 32 {
		lines = append(lines, fmt.Sprintf("some_setting_of_postgresql_%02d = %dMB", index, 64<<(index%4)))
	}
	return strings.Join(append(lines, fmt.Sprintf("max_connections = %d", connections)), "\n")
}

// scripts are as long as those of our operator, 38 KB, and like those the same for every Database of an engine.
func scripts() map[string]string {
	data := map[string]string{}
	for _, name := range []string{"boot.sh", "ready.sh", "alive.sh", "stop.sh", "watchdog.sh", "backup-engine.sh"} {
		var text strings.Builder
		for line := 0; text.Len() < 6400; line++ {
			fmt.Fprintf(&text, "if [ \"$step\" = %d ]; then say \"%s reached step %d\" && next; fi\n", line, name, line)
		}
		data[name] = text.String()
	}
	return data
}

func service(database *Database, suffix, role, address string) client.Object {
	selector := selectorOf(database)
	if role != "" {
		selector["role"] = role
	}
	return &corev1.Service{
		TypeMeta: typeOf("v1", "Service"), ObjectMeta: metaOf(database, suffix),
		Spec: corev1.ServiceSpec{
			Type: corev1.ServiceTypeClusterIP, ClusterIP: address, PublishNotReadyAddresses: role != "replica", Selector: selector,
			Ports: []corev1.ServicePort{{Name: "postgresql", Port: 5432, TargetPort: intstr.FromString("postgresql"), Protocol: corev1.ProtocolTCP}},
		},
	}
}

func networkPolicy(database *Database) client.Object {
	port := []networkingv1.NetworkPolicyPort{{Port: pointer(intstr.FromInt32(5432)), Protocol: pointer(corev1.ProtocolTCP)}}
	system := &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": "database-system"}}
	return &networkingv1.NetworkPolicy{
		TypeMeta: typeOf("networking.k8s.io/v1", "NetworkPolicy"), ObjectMeta: metaOf(database, ""),
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: selectorOf(database)},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
			Ingress: []networkingv1.NetworkPolicyIngressRule{
				{From: []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{}}}, Ports: port},
				{From: []networkingv1.NetworkPolicyPeer{{NamespaceSelector: system}}, Ports: port},
			},
		},
	}
}

func statefulSet(database *Database) client.Object {
	replicas := int32(1)
	if database.Spec.Replicas != nil {
		replicas = *database.Spec.Replicas
	}
	labels := labelsOf(database)
	return &appsv1.StatefulSet{
		TypeMeta: typeOf("apps/v1", "StatefulSet"), ObjectMeta: metaOf(database, ""),
		Spec: appsv1.StatefulSetSpec{
			Replicas: &replicas, ServiceName: database.Name + "-headless", PodManagementPolicy: appsv1.ParallelPodManagement,
			Selector:       &metav1.LabelSelector{MatchLabels: selectorOf(database)},
			UpdateStrategy: appsv1.StatefulSetUpdateStrategy{Type: appsv1.OnDeleteStatefulSetStrategyType},
			Template:       corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: podSpec(database)},
			VolumeClaimTemplates: []corev1.PersistentVolumeClaim{{
				ObjectMeta: metav1.ObjectMeta{Name: "data", Labels: labels},
				Spec: corev1.PersistentVolumeClaimSpec{
					AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
					Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(database.Spec.Storage.Size)}},
				},
			}},
		},
	}
}

func podSpec(database *Database) corev1.PodSpec {
	secretKey := func(name, key string) corev1.EnvVar {
		from := &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: database.Name + "-internal"}, Key: key}
		return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{SecretKeyRef: from}}
	}
	probe := func(script string, period int32) *corev1.Probe {
		return &corev1.Probe{
			ProbeHandler:  corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"sh", "/opt/database-operator/" + script}}},
			PeriodSeconds: period, TimeoutSeconds: 5, FailureThreshold: 6,
		}
	}
	configMapVolume := func(name, suffix string) corev1.Volume {
		source := &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: database.Name + suffix}}
		return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{ConfigMap: source}}
	}
	return corev1.PodSpec{
		ServiceAccountName: database.Name, AutomountServiceAccountToken: pointer(false), EnableServiceLinks: pointer(false),
		TerminationGracePeriodSeconds: pointer(int64(120)),
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot: pointer(true), RunAsUser: pointer(int64(999)), RunAsGroup: pointer(int64(999)), FSGroup: pointer(int64(999)),
			FSGroupChangePolicy: pointer(corev1.FSGroupChangeOnRootMismatch),
			SeccompProfile:      &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		Containers: []corev1.Container{{
			Name: "database", Image: "postgres:" + database.Spec.Version, Command: []string{"sh", "/opt/database-operator/boot.sh"},
			Ports: []corev1.ContainerPort{{Name: "postgresql", ContainerPort: 5432, Protocol: corev1.ProtocolTCP}},
			Env: []corev1.EnvVar{
				{Name: "PGDATA", Value: "/var/lib/postgresql/data/pgdata"}, {Name: "DATABASE", Value: database.Name},
				secretKey("PASSWORD", "password"), secretKey("SUPERUSER_PASSWORD", "superuser-password"),
				secretKey("REPLICATION_PASSWORD", "replication-password"), secretKey("MONITOR_PASSWORD", "monitor-password"),
			},
			StartupProbe: probe("alive.sh", 5), LivenessProbe: probe("alive.sh", 10), ReadinessProbe: probe("ready.sh", 5),
			Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("256Mi")},
				Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("512Mi")},
			},
			SecurityContext: &corev1.SecurityContext{
				AllowPrivilegeEscalation: pointer(false), ReadOnlyRootFilesystem: pointer(true),
				Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			},
			VolumeMounts: []corev1.VolumeMount{
				{Name: "data", MountPath: "/var/lib/postgresql/data"}, {Name: "config", MountPath: "/etc/database"},
				{Name: "scripts", MountPath: "/opt/database-operator"}, {Name: "topology", MountPath: "/etc/topology"},
				{Name: "run", MountPath: "/var/run/postgresql"}, {Name: "tmp", MountPath: "/tmp"},
			},
		}},
		Volumes: []corev1.Volume{
			configMapVolume("config", "-config"), configMapVolume("scripts", "-scripts"), configMapVolume("topology", "-topology"),
			{Name: "run", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
			{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
		},
	}
}
