package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

type reconciler struct {
	client.Client
	events events.EventRecorder
}

func ownerByLabel(_ context.Context, object client.Object) []reconcile.Request {
	name := object.GetLabels()[nameLabel]
	if name == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: object.GetNamespace(), Name: name}}}
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var database Database
	if err := r.Get(ctx, request.NamespacedName, &database); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !database.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, r.release(ctx, &database)
	}
	if !controllerutil.ContainsFinalizer(&database, finalizer) {
		patch := client.MergeFromWithOptions(database.DeepCopy(), client.MergeFromWithOptimisticLock{})
		controllerutil.AddFinalizer(&database, finalizer)
		return ctrl.Result{}, r.Patch(ctx, &database, patch, fieldOwner)
	}
	if err := r.keepSecrets(ctx, &database); err != nil {
		return ctrl.Result{}, err
	}
	changed, err := r.apply(ctx, &database)
	if err != nil {
		return ctrl.Result{}, err
	}
	if changed {
		r.events.Eventf(&database, nil, corev1.EventTypeNormal, "Applied", "Apply", "objects were made or changed")
	}
	return ctrl.Result{}, r.tell(ctx, &database)
}

// release lets the Database go; what it owns goes with it, volumes and credentials stay.
func (r *reconciler) release(ctx context.Context, database *Database) error {
	patch := client.MergeFrom(database.DeepCopy())
	if !controllerutil.RemoveFinalizer(database, finalizer) {
		return nil
	}
	return client.IgnoreNotFound(r.Patch(ctx, database, patch, fieldOwner))
}

// apply sends what does not carry the hash of the spec yet.
func (r *reconciler) apply(ctx context.Context, database *Database) (bool, error) {
	hash := hashOf(database.Spec)
	changed := false
	for _, object := range children(database) {
		known, err := r.known(ctx, object)
		if err != nil {
			return changed, err
		}
		if known != nil && known.Annotations[hashKey] == hash {
			continue
		}
		annotations := object.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[hashKey] = hash
		object.SetAnnotations(annotations)
		if err := controllerutil.SetControllerReference(database, object, r.Scheme()); err != nil {
			return changed, err
		}
		//nolint:staticcheck // typed objects are what most operators send
		if err := r.Patch(ctx, object, client.Apply, fieldOwner, client.ForceOwnership); err != nil {
			return changed, err
		}
		changed = true
	}
	return changed, nil
}

// known is what the cache has of an object: metadata, or nil.
func (r *reconciler) known(ctx context.Context, object client.Object) (*metav1.PartialObjectMetadata, error) {
	if set, ok := object.(*appsv1.StatefulSet); ok {
		var found appsv1.StatefulSet
		err := r.Get(ctx, client.ObjectKeyFromObject(set), &found)
		return &metav1.PartialObjectMetadata{ObjectMeta: found.ObjectMeta}, client.IgnoreNotFound(err)
	}
	kind, err := apiutil.GVKForObject(object, r.Scheme())
	if err != nil {
		return nil, err
	}
	var found metav1.PartialObjectMetadata
	found.SetGroupVersionKind(kind)
	if err := r.Get(ctx, client.ObjectKeyFromObject(object), &found); err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	return &found, nil
}

// keepSecrets makes credentials once.
func (r *reconciler) keepSecrets(ctx context.Context, database *Database) error {
	for _, secret := range secrets(database) {
		known, err := r.known(ctx, secret)
		if err != nil {
			return err
		}
		if known != nil {
			continue
		}
		if err := r.Create(ctx, secret, fieldOwner); err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	return nil
}

func (r *reconciler) tell(ctx context.Context, database *Database) error {
	var set appsv1.StatefulSet
	if err := r.Get(ctx, client.ObjectKeyFromObject(database), &set); client.IgnoreNotFound(err) != nil {
		return err
	}
	before := database.DeepCopy()
	status := &database.Status
	status.ObservedGeneration = database.Generation
	status.CurrentPrimary = database.Name + "-0"
	status.ReadyReplicas = set.Status.ReadyReplicas
	status.Phase = "Creating"
	ready := metav1.Condition{Type: "Ready", Status: metav1.ConditionFalse, Reason: "PrimaryNotReady", Message: "the primary is not ready", ObservedGeneration: database.Generation}
	if set.Status.ReadyReplicas > 0 {
		status.Phase = "Running"
		ready.Status, ready.Reason, ready.Message = metav1.ConditionTrue, "PrimaryReady", "the primary is ready"
	}
	meta.SetStatusCondition(&status.Conditions, ready)
	if equal(before.Status, *status) {
		return nil
	}
	return r.Status().Patch(ctx, database, client.MergeFrom(before), fieldOwner)
}

func equal(a, b DatabaseStatus) bool {
	one, _ := json.Marshal(a)
	other, _ := json.Marshal(b)
	return string(one) == string(other)
}

func hashOf(spec DatabaseSpec) string {
	text, _ := json.Marshal(spec)
	sum := sha256.Sum256(append([]byte("1 "), text...))
	return hex.EncodeToString(sum[:8])
}

func password() string {
	random := make([]byte, 24)
	_, _ = rand.Read(random)
	return base64.RawURLEncoding.EncodeToString(random)
}
