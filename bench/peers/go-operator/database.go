package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var groupVersion = schema.GroupVersion{Group: "example.com", Version: "v1"}

// Database holds the fields that this operator reads.
type Database struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              DatabaseSpec   `json:"spec,omitempty"`
	Status            DatabaseStatus `json:"status,omitempty"`
}

type DatabaseSpec struct {
	Engine   string          `json:"engine,omitempty"`
	Version  string          `json:"version,omitempty"`
	Replicas *int32          `json:"replicas,omitempty"`
	Storage  DatabaseStorage `json:"storage,omitempty"`
	Config   DatabaseConfig  `json:"config,omitempty"`
}

type DatabaseStorage struct {
	Size string `json:"size,omitempty"`
}

type DatabaseConfig struct {
	MaxConnections int32 `json:"maxConnections,omitempty"`
}

type DatabaseStatus struct {
	Phase              string             `json:"phase,omitempty"`
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	CurrentPrimary     string             `json:"currentPrimary,omitempty"`
	ReadyReplicas      int32              `json:"readyReplicas,omitempty"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
}

type DatabaseList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Database `json:"items"`
}

func (in *Database) DeepCopyObject() runtime.Object { return in.DeepCopy() }

func (in *Database) DeepCopy() *Database {
	out := *in
	in.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	if in.Spec.Replicas != nil {
		replicas := *in.Spec.Replicas
		out.Spec.Replicas = &replicas
	}
	out.Status.Conditions = append([]metav1.Condition(nil), in.Status.Conditions...)
	return &out
}

func (in *DatabaseList) DeepCopyObject() runtime.Object {
	out := *in
	out.Items = make([]Database, len(in.Items))
	for index := range in.Items {
		out.Items[index] = *in.Items[index].DeepCopy()
	}
	return &out
}

func addDatabase(known *runtime.Scheme) error {
	known.AddKnownTypes(groupVersion, &Database{}, &DatabaseList{})
	metav1.AddToGroupVersion(known, groupVersion)
	return nil
}
