// Command go-operator makes of a Database what database-operator makes of it, and nothing else: no admission, no topology, no
// backups, no status beyond the phase. It is written as a team that knows controller-runtime would: typed objects,
// server-side apply that is skipped when a hash says so, children watched by label and as metadata only.
package main

import (
	"flag"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const (
	manager      = "database-operator" // the label by which children are watched
	fieldOwner   = client.FieldOwner("go-operator")
	managedLabel = "app.kubernetes.io/managed-by"
	nameLabel    = "database.example.com/name"
	finalizer    = "database.example.com/finalizer"
	hashKey      = "database.example.com/intent"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "path")
	metrics := flag.String("metrics-address", ":8080", "where /metrics is served")
	workers := flag.Int("workers", 4, "Databases worked on at a time")
	flag.Parse()
	ctrl.SetLogger(zap.New())
	if err := run(*kubeconfig, *metrics, *workers); err != nil {
		ctrl.Log.Error(err, "ended")
		os.Exit(1)
	}
}

func run(kubeconfig, metrics string, workers int) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	// Our operator has no limit of its own either: the API server's priority and fairness is the judge.
	config.QPS = -1
	config.UserAgent = "go-operator/1"
	manager, err := newManager(config, metrics)
	if err != nil {
		return err
	}
	reconciler := &reconciler{Client: manager.GetClient(), events: manager.GetEventRecorder("go-operator")}
	byLabel := handler.EnqueueRequestsFromMapFunc(ownerByLabel)
	err = ctrl.NewControllerManagedBy(manager).
		For(&Database{}).
		Owns(&appsv1.StatefulSet{}).
		Owns(&corev1.Service{}, builder.OnlyMetadata).
		Owns(&corev1.ConfigMap{}, builder.OnlyMetadata).
		Owns(&corev1.ServiceAccount{}, builder.OnlyMetadata).
		Owns(&networkingv1.NetworkPolicy{}, builder.OnlyMetadata).
		Owns(&policyv1.PodDisruptionBudget{}, builder.OnlyMetadata).
		Watches(&corev1.Secret{}, byLabel, builder.OnlyMetadata).
		Watches(&corev1.Pod{}, byLabel, builder.OnlyMetadata).
		Watches(&corev1.PersistentVolumeClaim{}, byLabel, builder.OnlyMetadata).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(reconciler)
	if err != nil {
		return err
	}
	return manager.Start(ctrl.SetupSignalHandler())
}

func newManager(config *rest.Config, metrics string) (ctrl.Manager, error) {
	known := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, addDatabase} {
		if err := add(known); err != nil {
			return nil, err
		}
	}
	return ctrl.NewManager(config, ctrl.Options{
		Scheme:  known,
		Metrics: metricsserver.Options{BindAddress: metrics},
		Cache: cache.Options{
			DefaultLabelSelector: labels.SelectorFromSet(labels.Set{managedLabel: manager}),
			DefaultTransform:     cache.TransformStripManagedFields(),
			ByObject:             map[client.Object]cache.ByObject{&Database{}: {Label: labels.Everything()}},
		},
	})
}
